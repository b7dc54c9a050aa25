/** An address as an enriched edge log shows it. */
interface ClientAddress {
  readonly ip: string
  readonly asn?: number
  readonly country?: string
}

/** A piece of software that holds a token; it sends each request from one of its addresses. */
export interface TokenClient {
  readonly addresses: readonly ClientAddress[]
  readonly userAgent?: string | undefined
  readonly ja4?: string
}

const chrome = {
  userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0',
  ja4: 't13d1516h2_8daaf6152771_02713d6af862',
}
const app = { userAgent: 'ShopApp/7.2 (Android 15)', ja4: 't13d1312h2_f57a46bbacb6_ab7e3b40a677' }
const home = { ip: '203.0.113.20', asn: 64_500, country: 'DE' }
const mobile = { ip: '198.51.100.77', asn: 64_510, country: 'DE' }
const rented = { ip: '192.0.2.66', asn: 64_666, country: 'NL' }

/** Who holds tokens in the recordings. */
export const clients = {
  browser: { addresses: [home], ...chrome },
  script: {
    addresses: [rented],
    userAgent: 'python-requests/2.32.3',
    ja4: 't13d301200_1d37bd780c83_ef7df7f74e48',
  },
  /** A script that sends the owner's user agent; its handshake gives it away. */
  disguised: {
    addresses: [rented],
    userAgent: chrome.userAgent,
    ja4: 't13d301200_1d37bd780c83_ef7df7f74e48',
  },
  phone: { addresses: [home], ...app },
  phoneOnTheRoad: { addresses: [mobile], ...app },
  dualStack: {
    addresses: [home, { ip: '2001:db8:77:1::a1', asn: 64_500, country: 'DE' }],
    ...chrome,
  },
  egressPool: {
    addresses: [
      { ip: '203.0.113.130', asn: 64_520, country: 'FR' },
      { ip: '203.0.113.131', asn: 64_520, country: 'FR' },
      { ip: '198.51.100.130', asn: 64_521, country: 'FR' },
      { ip: '198.51.100.131', asn: 64_521, country: 'FR' },
    ],
    ...chrome,
  },
  /** An office that spreads its requests over two providers, seen by a log without fingerprints. */
  twoUplinks: {
    addresses: [
      { ip: '203.0.113.200', asn: 64_530, country: 'FR' },
      { ip: '198.51.100.200', asn: 64_531, country: 'FR' },
    ],
    userAgent: chrome.userAgent,
  },
  renderer: { addresses: [{ ip: '10.0.8.4' }], userAgent: 'node' },
  pods: {
    addresses: Array.from({ length: 12 }, (_, index) => ({ ip: `198.51.100.${160 + index}` })),
    userAgent: 'sync-job/3.1',
  },
} satisfies Record<string, TokenClient>
