/** OpenAI's categories of `/v1/moderations`. */
export const MODERATION_CATEGORIES = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const

export type ModerationCategory = (typeof MODERATION_CATEGORIES)[number]

/** Labels of Parapet's detectors that say what a category says. The others have no category, and count in `flagged` alone. */
const BY_LABEL: Readonly<Record<string, ModerationCategory>> = {
  toxic: 'harassment',
  insult: 'harassment',
  threat: 'harassment/threatening',
  identity: 'hate',
}

const isCategory = (label: string): label is ModerationCategory =>
  MODERATION_CATEGORIES.includes(label as ModerationCategory)

/** The category that a detector's label stands for; a label that has a category's name stands for it. */
export function moderationCategory(label: string): ModerationCategory | undefined {
  if (isCategory(label)) return label
  return Object.hasOwn(BY_LABEL, label) ? BY_LABEL[label] : undefined
}
