import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import { afterEach, describe, expect, it } from 'vitest'
import type { Decision } from '../../core/decision/decision.ts'
import { DecisionTable } from '../../core/decision/decision-table.ts'
import { authorizationService, type CheckRequest, type CheckResponse } from './authorization-service.ts'
import { type ExtAuthz, type ExtAuthzOptions, startExtAuthz } from './ext-authz-server.ts'

const decision: Decision = {
  id: 'd-1',
  scope: 'ip',
  value: '203.0.113.7',
  type: 'deny',
  from: 0,
  until: 1000,
  reason: 'test',
  by: 'person:ada',
}
const { Check: method } = authorizationService()
let authz: ExtAuthz
let client: Client

async function start(options: Partial<ExtAuthzOptions> = {}): Promise<DecisionTable> {
  const table = new DecisionTable()
  authz = await startExtAuthz({ host: '127.0.0.1', port: 0, table, clock: { now: () => 500 }, ...options })
  client = new Client(`127.0.0.1:${authz.port}`, credentials.createInsecure())
  return table
}

afterEach(async () => {
  client.close()
  await authz.close()
})

/** What goes over the wire and comes back, so that the field numbers and types of the answers are tested too. */
function check(address: string, request: CheckRequest = {}): Promise<CheckResponse> {
  if (!method) throw new Error('the service has no method Check')
  const source = { address: { socket_address: { address } } }
  const full = { attributes: { source, ...request.attributes } }
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      full,
      (error: ServiceError | null, response?: CheckResponse) =>
        error ? reject(error) : resolve(response as CheckResponse),
    )
  })
}

describe('startExtAuthz', () => {
  it('refuses who is denied, allows the others and counts both', async () => {
    const table = await start()
    table.apply(decision)
    expect(await check('203.0.113.7')).toMatchObject({
      status: { code: 7 },
      denied_response: { status: { code: 403 } },
      dynamic_metadata: { fields: { decision: { stringValue: 'd-1' } } },
    })
    const other = await check('203.0.113.8')
    expect(other.status.code ?? 0).toBe(0)
    expect(other.ok_response?.headers_to_remove).toEqual(['x-picket-decision'])
    expect(authz.counts()).toEqual({ allow: 1, deny: 1, revoke: 0, throttle: 0, error: 0 })
  })

  it('answers a throttle with 429 and Retry-After, a revoked token with 401', async () => {
    const table = await start()
    table.apply({ ...decision, id: 't-1', type: 'throttle', rate: { count: 1, perMs: 60_000 } })
    table.apply({ ...decision, id: 'r-1', scope: 'token', value: 'j-1', type: 'revoke' })
    await check('203.0.113.7')
    const throttled = await check('203.0.113.7')
    expect(throttled).toMatchObject({ status: { code: 8 }, denied_response: { status: { code: 429 } } })
    const header = { key: 'retry-after', value: '1' }
    expect(throttled.denied_response?.headers).toContainEqual({ header, append_action: 2 })
    const payload = { structValue: { fields: { jti: { stringValue: 'j-1' } } } }
    const filter_metadata = { 'envoy.filters.http.jwt_authn': { fields: { jwt_payload: payload } } }
    const revoked = await check('203.0.113.7', { attributes: { metadata_context: { filter_metadata } } })
    expect(revoked).toMatchObject({ status: { code: 16 }, denied_response: { status: { code: 401 } } })
    expect(authz.counts()).toMatchObject({ allow: 1, throttle: 1, revoke: 1 })
  })

  it('turns its own trouble into an error, never into a refusal', async () => {
    const errors: Error[] = []
    const lookup = () => {
      throw new Error('broken table')
    }
    await start({ table: { lookup }, onError: (error) => errors.push(error) })
    await expect(check('203.0.113.7')).rejects.toMatchObject({ code: 13 })
    expect(errors).toEqual([new Error('broken table')])
    expect(authz.counts()).toMatchObject({ error: 1, deny: 0 })
  })

  it('says which address it could not get', async () => {
    await start()
    const taken = startExtAuthz({
      host: '127.0.0.1',
      port: authz.port,
      table: new DecisionTable(),
      clock: { now: () => 0 },
    })
    await expect(taken).rejects.toThrow(`can't listen on 127.0.0.1:${authz.port}`)
  })
})
