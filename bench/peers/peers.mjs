import guardrails from '@openai/guardrails'
import llmGuard from 'llm-guard'

/** Each peer, set up as its own documentation says, to find cards, addresses and keys in a text. */
export const PEERS = {
  '@openai/guardrails': (text) =>
    guardrails.runGuardrails(
      text,
      {
        version: 1,
        guardrails: [
          {
            name: 'Contains PII',
            config: { entities: ['CREDIT_CARD', 'EMAIL_ADDRESS'], block: false, detect_encoded_pii: false },
          },
          { name: 'Secret Keys', config: { threshold: 'balanced' } },
        ],
      },
      {},
    ),
  'llm-guard': (() => {
    const guard = new llmGuard.LLMGuard({
      pii: true,
      jailbreak: false,
      profanity: false,
      promptInjection: false,
      relevance: false,
      toxicity: false,
    })
    return (text) => guard.validate(text)
  })(),
}
