import { describe, expect, it } from 'vitest'
import type { Draft } from './field-value.ts'
import { normaliser } from './normalise.ts'

const normalise = normaliser()

function object(path: string, more: Draft = {}) {
  const event = normalise(1, { path, ...more })
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
    const configured = normaliser({ routes: ['/shops/{shop}'] })
    expect(configured(1, { path: '/shops/acme' })).toMatchObject({
      route: '/shops/{shop}',
      'object.id': 'acme',
    })
  })
})

describe('spelling', () => {
  it('drops query values, fragments and session parameters unless a name is allowed', () => {
    expect(normalise(1, { path: '/a;jsessionid=S3/b?token=t&q=1#f' }).path).toBe('/a/b')
    const listed = normaliser({ query_names: ['q'] })
    expect(listed(1, { path: '/a?token=t&q=x%26y&q=2' }).path).toBe('/a?q=x%26y&q=2')
    expect(listed(1, { path: '/a?token=t' }).path).toBe('/a')
    expect(normalise(1, { path: '/../..;/x' }).path).toBe('/../..;/x')
  })

  it.each([
    ['203.0.113.9:443', '203.0.113.9'],
    ['[2001:DB8:0::1]:443', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['unix:', undefined],
    ['0300.1.1.1', undefined],
  ])('address %s', (written, expected) => {
    for (let again = 0; again < 2; again++) {
      expect(normalise(1, { 'client.ip': written })['client.ip']).toBe(expected)
    }
  })

  it.each([
    ['API.example.com.:8443', 'api.example.com'],
    ['[::1]:80', '::1'],
    ['host', 'host'],
  ])('host %s', (written, expected) => {
    expect(normalise(1, { host: written }).host).toBe(expected)
  })

  it('gives method, kind and path their one form', () => {
    expect(normalise(1, { method: 'options', path: '*' })).toMatchObject({
      method: 'OPTIONS',
      kind: 'http',
      path: '*',
    })
    expect(normalise(1, { method: 'connect', path: 'a.b:1' })).toEqual({
      time: 1,
      kind: 'http',
      method: 'CONNECT',
      host: 'a.b',
    })
    expect(normalise(1, { path: 'http://user:pw@h:1?x=1' })).toMatchObject({ path: '/', host: 'h' })
  })
})
