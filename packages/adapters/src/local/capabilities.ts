/** What a local model makes of each setting of a call: the table of its docs. */
export const LOCAL_CAPABILITIES = {
  'messages of text': 'yes',
  maxOutputTokens: 'yes; 256 when the call says nothing',
  stopSequences: 'yes; not part of the answer',
  temperature: 'yes; 0, the likeliest token each time, when the call says nothing',
  'topP, seed': 'yes, with a temperature over 0',
  'abortSignal, cancel': 'yes; the host stops between two tokens',
  'usage, finishReason':
    'yes; `cacheRead`: prompt tokens that a detector had read, see [below](#reading-the-model-that-answers)',
  'rules that steer': 'yes, with a `direction`; without one they block',
  'topK, presencePenalty, frequencyPenalty': 'left out, with a warning',
  'responseFormat, tools, reasoning': 'left out, with a warning',
  'toolChoice required or by name': 'refused: PARAPET_ADAPTER_UNSUPPORTED',
  'media, tool calls and results in the prompt': 'refused: PARAPET_ADAPTER_UNSUPPORTED',
} as const
