import { expect, it } from 'vitest'
import { evidenceSentence } from './evidence-sentence.ts'

it('says in a sentence what a finding saw', () => {
  const evidence = {
    basis: 'accounts',
    form: 'one_address',
    accounts_tried: 1200,
    accounts_failed_only: 1198,
    accounts_succeeded_count: 2,
    addresses: 1,
  }
  expect(evidenceSentence({ detector: 'credential-stuffing', evidence })).toBe(
    '1,200 accounts tried, 1,198 in vain, 2 opened after failures',
  )
  const walk = {
    route: '/a/{id}',
    ids: 90,
    lowest: '1',
    highest: '90',
    per_minute: 12.6,
    refused: 0,
    missed: 1,
  }
  expect(evidenceSentence({ detector: 'sequential-enumeration', evidence: walk })).toBe(
    '90 ids of /a/{id} from 1 to 90, 13 a minute, 1 refused or missing',
  )
})

it('lists short values for a detector that has no sentence, or evidence that fits none', () => {
  expect(
    evidenceSentence({ detector: 'of-yours', evidence: { count: 3, names: ['a', 'b'], deep: {} } }),
  ).toBe('count=3 names=a,b')
  expect(evidenceSentence({ detector: 'webhook-skew', evidence: { strange: true } })).toBe('strange=true')
})
