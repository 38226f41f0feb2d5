import type { Detector } from '../detector/detector.ts'
import { when } from './when.ts'

declare const detector: Detector<'toxic' | 'insult'>

when(detector, 'toxic').above(0.8).block()
when(detector, 'insult').atFalsePositiveRate(0.01).review({ mode: 'hold', withinMs: 1, otherwise: 'block' })
when(detector).found().redact({ replacement: '' })

// @ts-expect-error a mistyped label does not compile
when(detector, 'toxik')
// @ts-expect-error a condition on a score needs a label
when(detector).above(0.5)
// @ts-expect-error a hold states what holds when nobody decides
when(detector, 'toxic').above(0.5).review({ mode: 'hold', withinMs: 1 })
// @ts-expect-error an audit has no deadline
when(detector, 'toxic').above(0.5).review({ mode: 'audit', withinMs: 1, otherwise: 'block' })
// @ts-expect-error a rule without an action is no rule
when(detector, 'toxic').above(0.5).reason
