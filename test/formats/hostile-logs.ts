import fc from 'fast-check'

/** One of the usual texts, now and then an odd one. */
function mostly(usual: readonly string[], odd: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  )
}

const oddWords = ['host:80', 'a:', '"q"', '', 'é', 'x]', '[::1]', 'a\\b', '192.0.2.1 -']
const client = mostly(['192.0.2.1', '2001:db8::1', 'client.example', '-'], oddWords)
const word = mostly(['-', '-', 'ann', '0'], oddWords)
const requests = [
  'GET / HTTP/1.1',
  'get /orders/7?id=3 HTTP/2',
  'POST /a%20b;s=1 HTTP/1.0',
  'GET /',
  'CONNECT a.b:443 HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET http://h:1/x?y=1 HTTP/1.1',
  'M-SEARCH /x HTTP/1.1',
  'GET /x HTTP/1.123',
  'GET /x HTTP/1.1234',
  'GET /x HTTP/11',
  'GET /a b HTTP/1.1',
  'GET  /x HTTP/1.1',
  'GET /x HTTP/1.1 HTTP/1.1',
  'G3T /x HTTP/1.1',
  '-',
  '',
]
const oddRequests = [
  '\\x16\\x03\\x01',
  'GET /\\"x\\" HTTP/1.1',
  'GET /é HTTP/1.1',
  'GET /"x HTTP/1.1',
  `GET /${'a'.repeat(2100)} HTTP/1.1`,
]
const times = [
  '17/May/2015:10:05:03 +0000',
  '17/May/2015:23:59:59 -0530',
  '09/Mar/2026:00:00:00 +0100',
  '17/May/2015:10:05:60 +0000',
]
const oddTimes = [
  '31/Feb/2015:10:05:03 +0000',
  '17/may/2015:10:05:03 +0000',
  '17/May/2015:10:05:03.123 +0000',
  '01/Jan/1970:00:00:00 +0100',
  '17/May/2015;10:05:03 +0000',
  '17/May/2015:24:05:03 +0000',
  'x',
]
const agents = ['-', 'http://a/', 'curl/8', '', 'Mozilla/5.0 (X11; Linux x86_64)']
const extras = [
  '0.005',
  '-',
  '"ann"',
  'rt=0.010',
  'rt=5',
  'sub="bob"',
  'jti=t-1',
  'aud=a',
  'status=500',
  'time=1773043200',
  'key.id=k',
  '""',
  'x=',
  '="y"',
  'enforced_by=d',
  'latency_us=1500',
  'latency_ms=0.250',
  '10.0.0.1, 198.51.100.7',
  '"10.0.0.1, 198.51.100.7"',
  '  ',
  '1.500',
  'a"b"',
  '"a""b"',
]
const oddExtras = ['"open', 'k="a\\"b"', 'é', 'principal_id=é', 'a\\b', '\t']

/** Lines that are combined log lines or nearly. */
export const logLines: fc.Arbitrary<string> = fc
  .record({
    start: mostly(['', '', ''], ['\ufeff', 'Sep 15 16:13:46 host nginx[2869]: ', 'shop.example:443 ']),
    head: fc.tuple(client, word, word).map((words) => words.join(' ')),
    time: mostly(times, oddTimes),
    request: mostly(requests, oddRequests),
    status: mostly(['200', '401', '407', '503'], ['20', '2000', '-', '000', 'abc']),
    bytes: mostly(['12', '0', '-', '007'], ['1234567890123456', '12345678901234567', '1x', '']),
    quoted: fc.array(mostly(agents, ['a\\"b', '\\xc3\\xa9', 'é']), { maxLength: 3 }),
    extras: fc.array(mostly(extras, oddExtras), { maxLength: 4 }),
    end: mostly(['', '', ''], ['\r', ' ', '\n', '\u0001']),
  })
  .map(({ start, head, time, request, status, bytes, quoted, extras: more, end }) => {
    const tail = [...quoted.map((text) => `"${text}"`), ...more].map((text) => ` ${text}`).join('')
    return `${start}${head} [${time}] "${request}" ${status} ${bytes}${tail}${end}`
  })
