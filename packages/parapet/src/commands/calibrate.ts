import { type Command, parse, type Streams, usage } from '../command.ts'
import { fromReviews } from './calibrate/from-reviews.ts'

const HELP = `parapet calibrate --from reviews: what reviewers' decisions say of a policy's thresholds

  --policy FILE            the policy that was reviewed (JSON or module)
  --rule ID                this rule alone (default: every rule that acts on a score)
  --rate SHARE             the most of benign texts that may be flagged, in (0, 1) (default: 0.01)
  --confidence SHARE       how sure of that, in (0, 1) (default: 0.95)
  --queue PLACE            the queue: a file, or postgres://… (default: PARAPET_QUEUE, else review.db)
  --tenant NAME            this tenant's reviews alone
  --disagreements FILE     also writes where people and policy differ, as JSON lines with text; each counts as viewed
  --reviewer NAME          who looks at those (default: PARAPET_REVIEWER, else your user name)
  --json                   JSON, with the changes as RFC 6902

Learns from the random slice alone: audits with a sampleRate, each weighed by how likely it was drawn. The bound is exact
(Clopper and Pearson), on traffic like that of the slice. It is a proposal: nothing is changed.
Exit status: 0 every rule has a bound; 1 one has too few reviews, or failed; 2 called wrongly.`

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('calibrate', args, {
    from: { type: 'string' },
    policy: { type: 'string' },
    rule: { type: 'string' },
    rate: { type: 'string', default: '0.01' },
    confidence: { type: 'string', default: '0.95' },
    queue: { type: 'string' },
    tenant: { type: 'string' },
    disagreements: { type: 'string' },
    reviewer: { type: 'string' },
  })
  if (positionals.length > 0) throw usage('calibrate', 'Nothing belongs behind the options.')
  if (values.from !== 'reviews') throw usage('calibrate', '--from takes: reviews.')
  return fromReviews(values, streams)
}

export const command: Command = { help: HELP, run }
