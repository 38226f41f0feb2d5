import type { Detector } from '@parapet/sdk'
import {
  huggingFaceClassifier,
  kserveClassifier,
  llmJudge,
  openAIModeration,
  servedRefusalDirection,
} from './index.ts'

const model = { url: 'http://localhost:8000/v1', model: 'judge' }
const rubric = { rude: 'Insults a person.' }

const classified: Detector<'toxic'> = huggingFaceClassifier({
  model: 'owner/name',
  labels: { LABEL_0: null, LABEL_1: 'toxic' },
})
const served: Detector<'toxic' | 'insult'> = kserveClassifier({
  url: 'http://localhost:8000',
  measures: 'toxicity',
  labels: ['toxic', 'insult'],
})
const read: Detector<'harmful' | 'harmfulness' | 'refusal'> = servedRefusalDirection({
  url: 'http://localhost:8000',
  weights: './model',
})
const moderated: Detector<'hate'> = openAIModeration({ categories: ['hate'] })
const judged: Detector<'rude'> = llmJudge({ model, rubric })
const voted: Detector<'rude' | 'disagreement'> = llmJudge({ model, rubric, votes: 3 })

// @ts-expect-error the model has no such label
const misspelt: Detector<'toxik'> = huggingFaceClassifier({
  model: 'owner/name',
  labels: { LABEL_1: 'toxic' },
})
// @ts-expect-error one vote cannot disagree
const alone: Detector<'disagreement'> = llmJudge({ model, rubric })
// @ts-expect-error the direction beside the model is needed
servedRefusalDirection({ url: 'http://localhost:8000' })
// @ts-expect-error a key is never given as a value
openAIModeration({ key: 'sk-1' })

export default [classified, served, read, moderated, judged, voted, misspelt, alone]
