import { dialectMeaning, fieldMeaning, type KeyMeaning, type NestedMeaning } from '../json-dialect.ts'
import { keyLengthMax } from '../limits.ts'

const claim = /^(?:\$?context\.)?authorizer[._](?:jwt[._])?claims[._](.+)$/

/**
 * The plain name of a key: a `$context` variable in lower case without dots, dashes and underscores, however the operator
 * spells it. `$context.identity.sourceIp` is `identitysourceip`, `authorizer.claims.sub` is `jwt_sub`.
 */
export function plainName(key: string): string {
  if (key.length > keyLengthMax) return ''
  const lower = key.toLowerCase()
  const name = claim.exec(lower)?.[1]
  if (name !== undefined) return `jwt_${name}`
  return lower.startsWith('jwt_') ? lower : lower.replace(/^\$?context\./, '').replace(/[._-]/g, '')
}

/** Plain names of the variables, and the short names of the formats that the console and the CDK offer. */
export const apiGatewayMeanings: ReadonlyMap<string, KeyMeaning> = new Map<string, KeyMeaning>([
  ['requesttimeepoch', fieldMeaning('time')],
  ['requesttime', fieldMeaning('time', 1)],
  ['timestamp', fieldMeaning('time', 2)],
  ['time', fieldMeaning('time', 2)],
  ['requestid', fieldMeaning('id')],
  ['extendedrequestid', fieldMeaning('id', 1)],
  ['ip', fieldMeaning('client.ip')],
  ['sourceip', fieldMeaning('client.ip')],
  ['identitysourceip', fieldMeaning('client.ip')],
  ['clientip', fieldMeaning('client.ip')],
  ['useragent', fieldMeaning('client.user_agent')],
  ['identityuseragent', fieldMeaning('client.user_agent')],
  ['httpmethod', fieldMeaning('method')],
  ['method', fieldMeaning('method', 1)],
  ['path', fieldMeaning('path')],
  ['resourcepath', dialectMeaning('operation')],
  ['routekey', dialectMeaning('operation')],
  ['status', fieldMeaning('status')],
  ['responselength', fieldMeaning('bytes_out')],
  ['responselatency', fieldMeaning('latency_ms')],
  ['domainname', fieldMeaning('host')],
  ['apikeyid', fieldMeaning('key.id')],
  ['identityapikeyid', fieldMeaning('key.id')],
  ['principalid', fieldMeaning('principal.id')],
  ['authorizerprincipalid', fieldMeaning('principal.id')],
  ['user', fieldMeaning('principal.id', 1)],
  ['identityuser', fieldMeaning('principal.id', 1)],
  ['caller', fieldMeaning('principal.id', 2)],
  ['identitycaller', fieldMeaning('principal.id', 2)],
  ['userarn', fieldMeaning('principal.id', 3)],
  ['identityuserarn', fieldMeaning('principal.id', 3)],
  ['cognitoidentityid', fieldMeaning('principal.id', 4)],
  ['identitycognitoidentityid', fieldMeaning('principal.id', 4)],
  ['authorizererror', fieldMeaning('token.error')],
  ['wafresponsecode', dialectMeaning('decision')],
  ['authorizer', { kind: 'claims' }],
  ['claims', { kind: 'claims' }],
])

/** The same where an operator's JSON nests them as the variables do. */
export const apiGatewayNested: ReadonlyMap<string, NestedMeaning> = new Map<string, NestedMeaning>([
  ['identity.sourceIp', fieldMeaning('client.ip', 1)],
  ['identity.userAgent', fieldMeaning('client.user_agent', 1)],
  ['identity.apiKeyId', fieldMeaning('key.id', 1)],
  ['identity.user', fieldMeaning('principal.id', 9)],
  ['identity.caller', fieldMeaning('principal.id', 10)],
  ['identity.userArn', fieldMeaning('principal.id', 11)],
  ['authorizer.principalId', fieldMeaning('principal.id', 8)],
])

/** Plain names that only an API Gateway log has. */
export const apiGatewayOnly: ReadonlySet<string> = new Set([
  'requesttimeepoch',
  'requesttime',
  'extendedrequestid',
  'httpmethod',
  'resourcepath',
  'routekey',
  'responselength',
  'responselatency',
  'integrationlatency',
  'integrationerrormessage',
  'apiid',
  'apikeyid',
  'domainname',
  'sourceip',
  'identitysourceip',
  'authorizerprincipalid',
  'wafresponsecode',
])
