/** Whether a reader of JSON could decode something out of a text: prose in place of JSON has nothing to decode. */
export const mayHide = (text: string): boolean => /[{["\\]/.test(text)
