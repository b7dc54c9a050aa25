import type { MappedField } from '../field-map.ts'
import { isObject } from '../json-object.ts'
import type { LineFields } from '../line-fields.ts'

/** The only headers looked at; AWS WAF logs all, with cookies and credentials where it was not told to redact them. */
const headerFields: ReadonlyMap<string, MappedField> = new Map<string, MappedField>([
  ['host', 'host'],
  ['user-agent', 'client.user_agent'],
  ['traceparent', 'trace'],
])
const headersMax = 128
const labelsMax = 32

/** Takes host, agent, trace and forwarding addresses out of `[{ "name": …, "value": … }]`; of equal names the first. */
export function takeHeaders(headers: unknown, fields: LineFields): void {
  if (!Array.isArray(headers)) return
  const taken = new Set<string>()
  const forwarded: string[] = []
  for (const header of headers.slice(0, headersMax)) {
    if (!isObject(header) || typeof header.name !== 'string' || typeof header.value !== 'string') continue
    const name = header.name.toLowerCase()
    if (name === 'x-forwarded-for') forwarded.push(header.value)
    const field = headerFields.get(name)
    if (field === undefined || taken.has(name)) continue
    taken.add(name)
    fields.take(field, header.value, 2)
  }
  // Proxies append: the last header's last address is the nearest.
  if (forwarded.length > 0) fields.take('x_forwarded_for', forwarded.join(','))
}

/** Names of the labels that rules gave the request, blanks between them. */
export function labelNames(labels: unknown): string | undefined {
  if (!Array.isArray(labels)) return undefined
  const names = labels
    .slice(0, labelsMax)
    .flatMap((label) => (isObject(label) && typeof label.name === 'string' ? [label.name] : []))
  return names.length > 0 ? names.join(' ') : undefined
}
