import type { Event } from '../../core/event/event.ts'
import { mix, mixedHex } from './mix.ts'

/** Browsers and apps, their names cut to the usual length, with their TLS fingerprints. */
const software = [
  ['Chrome/131.0 (Windows)', 't13d1516h2_8daaf6152771_02713d6af862'],
  ['Firefox/133.0 (Linux)', 't13d1715h2_5b57614c22b0_7121afd63204'],
  ['Safari/605.1 (Macintosh)', 't13d2014h2_a09f3c656075_14788d8d241b'],
  ['ShopApp/7.2 (Android 15)', 't13d1312h2_f57a46bbacb6_ab7e3b40a677'],
  ['ShopApp/7.2 (iPhone; iOS 18.1)', 't13d1311h2_e8f1e7e78f70_d41ae481755e'],
] as const

/** Orders of one person; nobody else asks for them. */
const ordersEach = 6

export interface Person {
  readonly id: string
  readonly index: number
  readonly home: string
  /** Where a phone is when it is not at home. */
  readonly mobile: string
  readonly agent: string
  readonly ja4: string
}

/** The same person for the same index. One in ten sits in an office of forty, one in eight has IPv6. */
export function person(index: number, phone: boolean): Person {
  const [agent, ja4] = software[phone ? 3 + (index % 2) : index % 3] ?? software[0]
  const inOffice = index % 10 === 3
  return {
    id: `user-${100_000 + index}`,
    index,
    home: inOffice ? addressOf(Math.floor(index / 400), 11) : homeOf(index),
    mobile: addressOf(index % 5000, 13),
    agent,
    ja4,
  }
}

function homeOf(index: number): string {
  return index % 8 === 1 ? networkAddress(index, 17) : addressOf(index, 12)
}

/** An IPv4 address of the network that RFC 1112 section 4 reserves: large enough, and nobody's. */
export function addressOf(index: number, salt: number): string {
  const bits = mix(index, salt)
  return `${240 + ((bits >>> 24) & 7)}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${1 + (bits & 127)}`
}

/** An IPv6 address in a /64 of its own, of the network for documentation (RFC 3849). */
export function networkAddress(index: number, salt: number): string {
  const prefix = mixedHex(index, salt)
  return `2001:db8:${prefix.slice(0, 4)}:${prefix.slice(4)}::${(mix(index, salt + 1) & 0xffff).toString(16)}`
}

export function orderOf(who: Person, which: number): string {
  return String(1_000_000 + (mix(who.index, 20 + (which % ordersEach)) % 8_000_000))
}

/** What the gateway adds to every request. `serial` numbers the requests. */
export function requestFacts(time: number, serial: number): Event {
  const bits = mix(serial, 31)
  return {
    time,
    vantage: 'edge',
    gateway: `edge-${1 + (bits & 3)}`,
    trace: mixedHex(serial, 32) + mixedHex(serial, 33),
    method: 'GET',
    host: 'shop.example',
    status: 200,
    latency_ms: 4 + (bits >>> 25),
    bytes_in: 300 + ((bits >>> 2) & 511),
    bytes_out: 400 + ((bits >>> 11) & 8191),
  }
}
