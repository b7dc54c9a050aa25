import fc from 'fast-check'

/** Pieces of JSON text, valid or not, that decoders could read in two ways. */
const oddValues: readonly string[] = [
  '""',
  '"-"',
  'null',
  'true',
  'false',
  '"true"',
  '0',
  '-0',
  '-0.0',
  '0.0',
  '-1',
  '1.5',
  '0.005',
  '1e3',
  '1E+2',
  '1e-2',
  '01',
  '+1',
  '.5',
  '1.',
  '1e',
  '--1',
  '0x10',
  '123456789012345',
  '1234567890123456',
  '9007199254740993',
  '12345678901234.5',
  '0.1234567890123456',
  '123456789012345678901234567890',
  '1e400',
  '-1e-400',
  '"007"',
  '"12.50"',
  '"-5"',
  '"-0"',
  '"\\u0041"',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"\\udc00\\ud83d"',
  '"\\u0000"',
  '"\\u00g0"',
  '"\\x41"',
  '"tab\there"',
  '"ünï"',
  '"\u{1f600}"',
  '"\ufeffx"',
  '"\\"quoted\\""',
  '"a\\/b"',
  '"\\\\"',
  '"\u2028"',
  '"\u007f"',
  '[]',
  '{}',
  '["a","b"]',
  '["a"]',
  '[ "a" ]',
  '["a",1]',
  '["a\\u0062"]',
  '["é"]',
  '[["a"]]',
  '[null]',
  '"[1,2]"',
  '[1,2]',
  '"[\\"a\\",\\"b\\"]"',
  '["-"]',
  '[""]',
  '{"ip":"192.0.2.1"}',
  '{"id":7,"id":8}',
  '{"__proto__":{"x":1}}',
  '{"sub":"ann","jti":"t"}',
  '{"p":{"sub":"bob"},"sub":"ann"}',
  '{"0":{"sub":"x"},"b":{"sub":"y"}}',
  '{"p":{"sub":"a"},"p":1}',
  '{"sub":"a","sub":null}',
  '{"a":{"b":{"sub":"deep"}}}',
  '{"decision":"d-1"}',
  '"d-2"',
  '"{\\"decision\\":\\"d-3\\"}"',
  '"\\u007b\\"sub\\":\\"ann\\",\\"decision\\":\\"d-5\\"}"',
  '{"envoy":{"filters":{"http":{"ext_authz":{"decision":"d-4"}}}}}',
  'NaN',
  'Infinity',
  'undefined',
  '"open',
  '[1,]',
  '{"a":1,}',
  '{"a"}',
  "'a'",
  '"GET"',
  '"get"',
  '"CONNECT"',
  '"Edge"',
  '"401"',
  '401',
  '"ext_authz_denied"',
  '"UAEX"',
  '"2026-03-09T08:00:00.251Z"',
  '"2026-03-09T08:00:00Z"',
  '"2026-03-09T08:00:00.1234567Z"',
  '"2026-03-09T08:00:00.1Z"',
  '"2026-03-09T08:00:00,5Z"',
  '"2026-02-30T08:00:00Z"',
  '"2026-03-09T24:00:00Z"',
  '"2026-03-09T08:00:60Z"',
  '"2026-03-09T08:00:00+02:00"',
  '"2026-03-09T08:00:00.5-11:30"',
  '"1970-01-01T00:00:00+01:00"',
  '"9999-12-31T23:59:59-00:01"',
  '"2026-03-09t08:00:00z"',
  '"2026-03-09 08:00:00Z"',
  '"2026-03-09T08;00:00.251Z"',
  '"09/Mar/2026:08:00:00 +0100"',
  '"31/Feb/2026:08:00:00 +0100"',
  '1773043200000',
  '"1773043200000"',
  '1773043200',
  '1773043200.123',
  '"1773043200.123"',
  '-5',
  '253402300800000',
  '"/orders/17?id=3#x"',
  '"/orders/17"',
  '"/a;s=1/b"',
  '"*"',
  '"shop.example:443"',
  '"https://u@shop.example:443/orders/17"',
  '"203.0.113.7:443"',
  '"::ffff:1.2.3.4"',
  '"0300.1.1.1"',
  '"SHOP.example.:80"',
  '"10.0.0.1, 198.51.100.7"',
  '"/orders/{id}"',
  '"/orders/:id"',
  '"GET /orders/7?id=2 HTTP/1.1"',
  '"\\u0016\\u0003"',
  '[{"name":"Host","value":"shop.example:1"},{"name":"X-Forwarded-For","value":"10.0.0.1, 198.51.100.7"}]',
  '[{"name":"user-agent","value":"a\\u0062"},{"name":"user-agent","value":"é"},{"name":1,"value":[]},7]',
  '[{"name":"awswaf:a"},{"name":"awswaf:b"}]',
  '[{"uid":"o-1","type":"Order"}]',
  '[{"type_id":1,"value":"t13d"}]',
  '["10.0.0.1","198.51.100.7"]',
  '6003',
  '"4002"',
  '"2026-03-09"',
  '"08:00:00"',
  '"10.0.0.1,%20198.51.100.7"',
  '"curl/8%2520x"',
  '"WAF_BLOCK"',
  '"GET /orders/{id}"',
  '"ANY /{proxy+}"',
  `"${'x'.repeat(300)}"`,
  `"/${'a/'.repeat(1100)}"`,
  `${'['.repeat(33)}${']'.repeat(33)}`,
  `${'{"a":'.repeat(30)}1${'}'.repeat(30)}`,
]
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
const space = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  { weight: 4, arbitrary: fc.constantFrom(' ', '\t', '\r\n', '  ') },
  { weight: 1, arbitrary: fc.constantFrom('\u00a0', '\v', '') },
)

/** Text of a JSON value, mostly valid. */
const jsonText = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...oddValues.filter(isJson)) },
  { weight: 1, arbitrary: fc.constantFrom(...oddValues.filter((text) => !isJson(text))) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: fc.integer().map(String) },
  { weight: 1, arbitrary: fc.double().map(String) },
)

/** A key as text between quotes, sometimes spelled with an escape. */
function keyText(keys: readonly string[]) {
  return fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...keys) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...keys)
        .map((key) => `\\u${(key.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}${key.slice(1)}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '__proto__',
        '',
        '0',
        '7',
        'toString',
        'to\u212aen',
        'ïd',
        'a\\qb',
        'k'.repeat(200),
      ),
    },
  )
}

function object(keys: readonly string[], innerKeys: readonly string[], maxLength: number) {
  const inner = fc
    .array(fc.tuple(keyText(innerKeys), space, jsonText), { maxLength: 4 })
    .map((members) => `{${members.map(([key, gap, value]) => `"${key}":${gap}${value}`).join(`,`)}}`)
  const value = fc.oneof({ weight: 4, arbitrary: jsonText }, { weight: 1, arbitrary: inner })
  return fc.array(fc.tuple(keyText(keys), space, value), { maxLength })
}

/** Now and then two members that tell one thing, `"client.id"` and `"client":{"id"}`, in either order. */
function toldTwice(keys: readonly string[]): fc.Arbitrary<readonly string[]> {
  const dotted = keys.filter((key) => /^\w+\.\w+$/.test(key))
  if (dotted.length === 0) return fc.constant([])
  const twins = fc
    .tuple(fc.constantFrom(...dotted), jsonText, jsonText, fc.boolean())
    .map(([key, first, second, isNestedFirst]) => {
      const flat = `"${key}":${isNestedFirst ? second : first}`
      const nested = `"${key.replace('.', '":{"')}":${isNestedFirst ? first : second}}`
      return isNestedFirst ? [nested, flat] : [flat, nested]
    })
  return fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: twins })
}

/** Members that hold the values of some dotted paths, one object a first name; now and then a path is spelled as one key. */
function nestedMembers(paths: readonly string[]): fc.Arbitrary<readonly string[]> {
  if (paths.length === 0) return fc.constant([])
  const chosen = fc.array(fc.tuple(fc.constantFrom(...paths), jsonText), { maxLength: 8 })
  const dotted = fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.tuple(fc.constantFrom(...paths), jsonText), { maxLength: 1 }) },
  )
  return fc.tuple(chosen, dotted).map(([members, twins]) => {
    const whole = treeText(members.map(([path, value]) => [path.split('.'), value] as const))
    return [...whole, ...twins.map(([path, value]) => `"${path}":${value}`)]
  })
}

/** A member for each first name; of two values for one path the later stays, and of a value and an object the object. */
function treeText(members: readonly (readonly [path: readonly string[], value: string])[]): string[] {
  const names = [...new Set(members.map(([[name = '']]) => name))]
  return names.map((name) => {
    const own = members.filter(([path]) => path[0] === name)
    const inside = own.filter(([path]) => path.length > 1)
    if (inside.length === 0) return `"${name}":${own.at(-1)?.[1]}`
    return `"${name}":{${treeText(inside.map(([path, value]) => [path.slice(1), value])).join(',')}}`
  })
}

/** Lines that are JSON objects or nearly: `timed` are members of which one usually comes first. */
export function jsonLines(
  keys: readonly string[],
  innerKeys: readonly string[],
  timed: readonly string[],
  paths: readonly string[] = [],
): fc.Arbitrary<string> {
  return fc
    .tuple(
      object(keys, innerKeys, 6),
      fc.tuple(toldTwice(keys), nestedMembers(paths)).map((both) => both.flat()),
      space,
      fc.option(fc.constantFrom(...timed), { freq: 12 }),
      fc.constantFrom('', '', '', '', '', '', '', '\ufeff', ' '),
      fc.constantFrom('', '', '', '', '', '', '', '', ' ', '\r', '\n', '}', 'x'),
    )
    .map(([members, twins, gap, time, before, after]) => {
      const texts = members.map(([key, colon, value]) => `"${key}"${gap}:${colon}${value}`)
      return `${before}{${gap}${[...(time === null ? [] : [time]), ...texts, ...twins].join(`,${gap}`)}${gap}}${after}`
    })
}

/** Lines with some bytes changed, put in or taken out, parts repeated, or the end cut off. */
export function damaged(lines: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(
    fc.constantFrom('set', 'insert', 'remove', 'cut', 'repeat'),
    fc.nat(),
    fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"\\,:{}[]0-.eE \n\r\t'))),
    fc.nat(40),
  )
  return fc.tuple(lines, fc.array(change, { maxLength: 3 })).map(([line, changes]) => {
    let bytes = [...Buffer.from(line)]
    for (const [how, place, code, length] of changes) {
      const at = place % (bytes.length + 1)
      if (how === 'set') bytes[at] = code
      else if (how === 'insert') bytes.splice(at, 0, code)
      else if (how === 'remove') bytes.splice(at, 1 + (length % 3))
      else if (how === 'repeat') bytes.splice(at, 0, ...bytes.slice(at, at + length))
      else bytes = bytes.slice(0, at)
    }
    return Uint8Array.from(bytes)
  })
}
