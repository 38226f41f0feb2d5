import { when } from '@parapet/sdk'
import { patterns, personalData, secrets } from '../index.ts'

// Checked by the compiler alone: a line that expects an error fails the build when there is none.

const own = patterns({
  id: 'code-names',
  version: '1',
  patterns: [
    { label: 'code-name', regex: /project-\w+/, maxCharacters: 40 },
    { label: 'bird', terms: ['heron'] },
  ],
})

when(secrets(), 'aws-access-key')
when(secrets({ kinds: ['aws-access-key'] }), 'aws-access-key')
when(secrets({ kinds: ['generic-secret'] }), 'generic-secret')
when(personalData(), 'credit-card')
when(personalData({ kinds: ['ip-address'], countries: ['DE'] }), 'ip-address')
when(own, 'bird')

// @ts-expect-error a mistyped kind
secrets({ kinds: ['aws-acces-key'] })
// @ts-expect-error a kind that the detector was not made with
when(secrets({ kinds: ['npm-token'] }), 'aws-access-key')
// @ts-expect-error a kind that has to be asked for
when(secrets(), 'generic-secret')
// @ts-expect-error an unknown option
secrets({ kind: ['npm-token'] })
// @ts-expect-error a mistyped kind
personalData({ kinds: ['credit-cards'] })
// @ts-expect-error a kind that has to be asked for
when(personalData(), 'ip-address')
// @ts-expect-error no country
personalData({ countries: ['us'] })
// @ts-expect-error a label that no pattern has
when(own, 'birds')
// @ts-expect-error a regular expression without its longest match
patterns({ id: 'x', version: '1', patterns: [{ label: 'x', regex: /x/ }] })
