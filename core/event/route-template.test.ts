import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRoutes } from './route-table.ts'
import { routeLengthMax, routeTemplate } from './route-template.ts'

describe('fixed shapes', () => {
  it.each([
    ['/orders/123', '/orders/{id}', '123', 'orders'],
    ['/api/v1/orders/00123', '/api/v1/orders/{id}', '00123', 'orders'],
    ['/v2/9007199254740993123', '/v2/{id}', '9007199254740993123', undefined],
    ['/users/7/orders/8/items', '/users/{id}/orders/{id}/items', '8', 'orders'],
    ['/users/7/8', '/users/{id}/{id}', '8', 'users'],
    ['/o/-1', '/o/{id}', '-1', 'o'],
    ['/u/3F2504E0-4F89-11D3-9A0C-0305E82C3301', '/u/{id}', '3F2504E0-4F89-11D3-9A0C-0305E82C3301', 'u'],
    ['/u/01ARZ3NDEKTSV4RRFFQ69G5FAV', '/u/{id}', '01ARZ3NDEKTSV4RRFFQ69G5FAV', 'u'],
    ['/u/507f1f77bcf86cd799439011', '/u/{id}', '507f1f77bcf86cd799439011', 'u'],
    ['/u/dQw4w9WgXcQ1rT-5_aZq8B', '/u/{id}', 'dQw4w9WgXcQ1rT-5_aZq8B', 'u'],
    ['/u/ann@example.com', '/u/{id}', 'ann@example.com', 'u'],
    ['/u/ann%40example.com', '/u/{id}', 'ann@example.com', 'u'],
    ['/orders/ORD-000123', '/orders/{id}', 'ORD-000123', 'orders'],
    ['/invoices/inv_1029', '/invoices/{id}', 'inv_1029', 'invoices'],
    ['/customers/cus_9s6XKzkNRiz8i3', '/customers/{id}', 'cus_9s6XKzkNRiz8i3', 'customers'],
    ['/files/123.pdf', '/files/{id}.pdf', '123', 'files'],
    ['/orders/%31%32', '/orders/{id}', '12', 'orders'],
    ['//orders//1/', '/orders/{id}', '1', 'orders'],
    [`${'/'.repeat(500)}orders/1`, '/orders/{id}', '1', 'orders'],
  ])('%s', (path, route, id, type) => {
    expect(routeTemplate(path)).toEqual({ route, id, ...(type ? { type } : {}) })
  })

  it.each([
    ['/', '/'],
    ['', '/'],
    ['/v1/health', '/v1/health'],
    ['/v1.2/x', '/v1.2/x'],
    ['/blog/Getting-Started-With-Kafka-2019', '/blog/Getting-Started-With-Kafka-2019'],
    ['/blog/a-long-guide-to-s3-ec2-k8s-part', '/blog/a-long-guide-to-s3-ec2-k8s-part'],
    ['/presentations/logstash-monitorama-2013/x', '/presentations/logstash-monitorama-2013/x'],
    ['/components/MyVeryLongComponentName2', '/components/MyVeryLongComponentName2'],
    ['/../../etc/passwd', '/../../etc/passwd'],
    ['/%2e%2e/%2Fetc', '/../%2Fetc'],
    ['/a%ff%zz/b', '/a%ff%zz/b'],
    ['/x/%7Bid%7D', '/x/%7Bid%7D'],
    ['/%6frders', '/orders'],
    ['/reset/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', '/reset/{token}'],
  ])('%s holds no id', (path, route) => {
    expect(routeTemplate(path)).toEqual({ route })
  })
})

describe('templates', () => {
  const table = compileRoutes([
    '/orders/{order}',
    '/orders/latest',
    '/orgs/:org/reports/{name}.csv',
    '/{tenant}/settings',
    '/health',
  ])

  it.each([
    ['/orders/abc', { route: '/orders/{order}', id: 'abc', type: 'orders' }],
    ['/orders/latest', { route: '/orders/latest' }],
    ['/orgs/acme/reports/may.csv', { route: '/orgs/{org}/reports/{name}.csv', id: 'may', type: 'reports' }],
    ['/acme/settings', { route: '/{tenant}/settings', id: 'acme' }],
    ['/health', { route: '/health' }],
    ['/orders/abc/5', { route: '/orders/abc/{id}', id: '5', type: 'abc' }],
  ])('%s', (path, expected) => {
    expect(routeTemplate(path, table)).toEqual(expected)
  })

  it('prefers the fixed segment whatever the order of the list', () => {
    const turned = compileRoutes(['/orders/latest', '/orders/{order}'].reverse())
    expect(routeTemplate('/orders/latest', turned).route).toBe('/orders/latest')
  })

  it('names the template that is none', () => {
    expect(() => compileRoutes(['orders/{id}'])).toThrow('"orders/{id}": must start with /')
    expect(() => compileRoutes(['/orders/{a}{b}'])).toThrow('"{a}{b}" must hold one {parameter}')
  })
})

it('stays bounded, total and pure on any path', () => {
  const path = fc.oneof(
    fc.string({ maxLength: 3000 }),
    fc.array(fc.string({ maxLength: 30 }), { maxLength: 200 }).map((segments) => `/${segments.join('/')}`),
  )
  fc.assert(
    fc.property(path, (text) => {
      const match = routeTemplate(text)
      expect(match.route.startsWith('/')).toBe(true)
      expect(match.route.length).toBeLessThanOrEqual(routeLengthMax)
      expect(routeTemplate(text)).toEqual(match)
    }),
  )
  expect(routeTemplate('/a'.repeat(100_000)).route).toMatch(/\{rest\}$/)
  expect(routeTemplate(`/${'a1'.repeat(500_000)}`).route.length).toBeLessThanOrEqual(routeLengthMax)
})
