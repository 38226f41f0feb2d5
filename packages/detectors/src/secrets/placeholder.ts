/** Words that stand for a secret in documentation. */
const WORDS =
  /^(?:password|passwd|passwort|pass|pwd|pw|secret|token|key|apikey|user|username|changeme|change-me|example|test|admin|root|postgres|mysql|guest|foo|bar|string|none|null|true|false|undefined|redacted|hidden|removed)\d{0,4}$/i

/** Variables, brackets, masks and fill-ins. */
const FORMS =
  /^(?:[<[{(%$#].*|.*(?:\$\{|\{\{|<[a-z]).*|your.*|my[-_]?\w*|.*example.*|(.)\1*|\*+.*|[xX.•-]+)$/i

/** Whether a text stands for a secret and is none. */
export function isPlaceholder(text: string): boolean {
  return WORDS.test(text) || FORMS.test(text)
}
