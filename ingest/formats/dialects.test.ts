import { describe, expect, it } from 'vitest'
import { apisixDialect } from './apisix/apisix.ts'
import { apiGatewayDialect } from './aws-api-gateway/aws-api-gateway.ts'
import { wafDialect } from './aws-waf/aws-waf.ts'
import { cloudfrontDialect } from './cloudfront/fields.ts'
import { envoyDialect } from './envoy/envoy.ts'
import type { JsonLogDialect, KeyMeaning } from './json-dialect.ts'
import { kongDialect } from './kong/kong.ts'
import { nginxDialect } from './nginx-json/nginx-json.ts'
import { ocsfDialect } from './ocsf/ocsf.ts'
import { traefikDialect } from './traefik/traefik.ts'

const dialects: Readonly<Record<string, JsonLogDialect>> = {
  apisix: apisixDialect,
  'aws-api-gateway': apiGatewayDialect,
  'aws-waf': wafDialect,
  cloudfront: cloudfrontDialect,
  envoy: envoyDialect,
  kong: kongDialect,
  'nginx-json': nginxDialect,
  ocsf: ocsfDialect,
  traefik: traefikDialect,
}

/** What canonical names, claims, Basic users and constants of a format are taken at. */
const generalRanks = [5, 6, 7, 10]

function claimOf(meaning: KeyMeaning): string {
  if (meaning.kind === 'claims') return 'claims'
  return meaning.kind === 'field' ? `${meaning.field} ${meaning.rank}` : meaning.value
}

describe.each(Object.entries(dialects))('%s', (_id, { meanings, nested = new Map(), plainName }) => {
  const keys = new Set([...meanings.values()].map(claimOf))
  const paths = [...nested.values()]

  it('names keys as they are spelled plainly, so that each is found', () => {
    for (const key of meanings.keys()) expect(plainName(key)).toBe(key)
  })

  it('leaves no doubt which of two keys wins when one is nested', () => {
    const claims = paths.map(claimOf)
    expect(new Set(claims).size).toBe(claims.length)
    expect(claims.filter((claim) => keys.has(claim))).toEqual([])
    const constants = ['vantage', 'kind']
    for (const meaning of paths) {
      if (meaning.kind !== 'field') continue
      expect(constants).not.toContain(meaning.field)
      if (meaning.field !== 'principal.id') expect(generalRanks).not.toContain(meaning.rank)
      else expect([5, 6, 7]).not.toContain(meaning.rank)
    }
  })
})
