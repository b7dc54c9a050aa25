import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalId } from '../entity/canonical-id.ts'
import { subjectId, subjectOf, subjectScopes } from './subject.ts'

it('names a request as ingest names its event', () => {
  const subject = subjectOf({
    ip: '[2001:DB8::1]:443',
    principal: 'e\u0301ve',
    key: '-',
    jti: '',
    session: 's',
  })
  expect(subject).toMatchObject({
    ip: '2001:db8::/64',
    network: '2001:db8::/48',
    principal: '\u00e9ve',
    session: 's',
    key: '-',
  })
  expect(subject.jti).toBeUndefined()
})

it('gives every scope the canonical id of its kind, whatever a client sends', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.ipV4(), fc.ipV6()), (id) => {
      const all = {
        ip: id,
        principal: id,
        key: id,
        client: id,
        session: id,
        fingerprint: id,
        jti: id,
        tenant: id,
      }
      const subject = subjectOf({ ...all, route: id })
      for (const scope of subjectScopes) expect(subjectId(subject, scope)).toBe(canonicalId(scope, id))
      expect(subjectId({ ip: subject.ip }, 'network')).toBe(subject.network)
    }),
  )
})
