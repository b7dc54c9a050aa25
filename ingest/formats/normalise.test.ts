import { describe, expect, it } from 'vitest'
import type { Event } from '../../core/event/event.ts'
import type { EventField } from '../../core/event/event-fields.ts'
import { EventRecord, fieldNumber } from '../../core/event/event-record.ts'
import { normalise } from './normalise.ts'
import { type PathOptions, PathReader } from './path-facts.ts'
import { spelled } from './spelling.ts'

/** An event with these fields, as a format hands it over, completed. */
function normalised(fields: Partial<Event>, options?: PathOptions): EventRecord {
  const event = new EventRecord()
  for (const [name, value] of Object.entries(fields)) {
    if (name !== 'path')
      event.set(fieldNumber(name as EventField), spelled(name as EventField, value as string))
  }
  normalise(event, fields.path === undefined ? undefined : new PathReader(options).read(fields.path))
  return event
}

function object(path: string, more: Partial<Event> = {}) {
  const event = normalised({ path, ...more })
  return [event.route, event['object.type'], event['object.id']]
}

describe('object and route', () => {
  it.each([
    ['/users/7/orders/ORD-8', ['/users/{id}/orders/{id}', 'orders', 'ORD-8']],
    ['/orders?id=123', ['/orders?id={id}', 'orders', '123']],
    ['/invoice?page=2&order_id=17', ['/invoice?order_id={id}', 'invoice', '17']],
    ['/invoice?customerId=5&id=17', ['/invoice?id={id}', 'invoice', '17']],
    ['/orders/9?item_id=3', ['/orders/{id}', 'orders', '9']],
    ['/x?session_id=5', ['/x', undefined, undefined]],
    ['/x?PHPSESSID=5&client_id=a&request-id=4', ['/x', undefined, undefined]],
    ["/x?id=1'%20OR%201=1", ['/x', undefined, undefined]],
    ['/x?id=', ['/x', undefined, undefined]],
    ['/?id=%31', ['/?id={id}', undefined, '1']],
    ['/profile?uid=4711', ['/profile?uid={id}', 'profile', '4711']],
    ['/track?v=3&ORDER=A-1009', ['/track?ORDER={id}', 'track', 'A-1009']],
    ['/pay?ref=2024&account=7&invoice_id=9', ['/pay?invoice_id={id}', 'pay', '9']],
    ['/pay?ref=2024&id=9', ['/pay?id={id}', 'pay', '9']],
    ['/pay?page=2&no=31&user=8', ['/pay?no={id}', 'pay', '31']],
    ['/orders/9?item=3', ['/orders/{id}', 'orders', '9']],
    ['/list?order=desc&user=me&doc=', ['/list', undefined, undefined]],
    ['/list?order=price%201&file=a/1', ['/list', undefined, undefined]],
    ['/list?page=2&offset=40&limit=20&cursor=9a8b&v=3&t=17&ts=1700000000', ['/list', undefined, undefined]],
    ['/list?guid=7&orders=8&uids=9', ['/list', undefined, undefined]],
  ])('%s', (path, expected) => {
    expect(object(path)).toEqual(expected)
  })

  it('keeps what the sender says', () => {
    expect(object('/orders/7', { route: '/o/{order}' })).toEqual(['/o/{order}', 'orders', '7'])
    expect(object('/orders/abc', { route: '/orders/{order}' })).toEqual(['/orders/{order}', 'orders', 'abc'])
    expect(object('/orders/abc', { route: '/orders/:order' })).toEqual(['/orders/:order', 'orders', 'abc'])
    expect(object('/orders/7', { 'object.id': 'x', 'object.type': 'y' })).toEqual(['/orders/{id}', 'y', 'x'])
    expect(object('/a', { route: '/{a}{b}' })).toEqual(['/{a}{b}', undefined, undefined])
  })

  it('uses configured templates', () => {
    expect(normalised({ path: '/shops/acme' }, { routes: ['/shops/{shop}'] })).toMatchObject({
      route: '/shops/{shop}',
      'object.id': 'acme',
    })
  })
})

describe('spelling', () => {
  it('drops query values, fragments and session parameters unless a name is allowed', () => {
    expect(normalised({ path: '/a;jsessionid=S3/b?token=t&q=1#f' }).path).toBe('/a/b')
    const listed = { query_names: ['q'] }
    expect(normalised({ path: '/a?token=t&q=x%26y&q=2' }, listed).path).toBe('/a?q=x%26y&q=2')
    expect(normalised({ path: '/a?token=t' }, listed).path).toBe('/a')
    expect(normalised({ path: '/../..;/x' }).path).toBe('/../..;/x')
  })

  it.each([
    ['203.0.113.9:443', '203.0.113.9'],
    ['[2001:DB8:0::1]:443', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['unix:', undefined],
    ['0300.1.1.1', undefined],
  ])('address %s', (written, expected) => {
    expect(normalised({ 'client.ip': written })['client.ip']).toBe(expected)
  })

  it.each([
    ['API.example.com.:8443', 'api.example.com'],
    ['[::1]:80', '::1'],
    ['host', 'host'],
  ])('host %s', (written, expected) => {
    expect(normalised({ host: written }).host).toBe(expected)
  })

  it('gives method, kind and path their one form', () => {
    expect(normalised({ method: 'options', path: '*' })).toMatchObject({
      method: 'OPTIONS',
      kind: 'http',
      path: '*',
    })
    expect(normalised({ method: 'connect', path: 'a.b:1' })).toEqual(
      Object.assign(new EventRecord(), { kind: 'http', method: 'CONNECT', host: 'a.b' }),
    )
    expect(normalised({ path: 'http://user:pw@h:1?x=1' })).toMatchObject({ path: '/', host: 'h' })
  })
})
