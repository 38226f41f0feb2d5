import { when } from '@parapet/sdk'
import { attack, harm, refusal, refusalDirection, sentiment, toxicity } from './index.ts'

// Checked by the compiler alone: a line that expects an error fails the build when there is none.

when(toxicity(), 'toxic')
when(toxicity({ labels: ['toxic', 'insult'] }), 'insult')
when(sentiment(), 'negative')
when(refusalDirection(), 'harmful')
when(attack(), 'injection')
when(harm(), 'harmful')
when(refusal(), 'refused')

// @ts-expect-error a mistyped label
when(toxicity(), 'toxik')
// @ts-expect-error a label of another detector
when(sentiment(), 'toxic')
// @ts-expect-error a label that the detector was not made with
when(toxicity({ labels: ['insult'] }), 'toxic')
// @ts-expect-error a mistyped reading
when(refusalDirection(), 'refused')
// @ts-expect-error a mistyped label in the option
toxicity({ labels: ['toxik'] })
// @ts-expect-error an unknown option
sentiment({ maxTokenz: 3 })
// @ts-expect-error the refusal direction takes no labels
refusalDirection({ labels: ['harmful'] })
