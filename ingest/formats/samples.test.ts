import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decodeLine } from '../../test/formats/decode-line.ts'
import { detectFormat } from './detect-format.ts'
import { openFormat } from './format-options.ts'
import { type FormatId, formatIds, formats } from './formats.ts'

const folder = (id: FormatId) => new URL(`./${id}/`, import.meta.url)

/** What a sample holds in the places from which nothing may enter: headers, cookies, query values, keys. */
const secret = 'not-for-us'

describe.each(formatIds)('%s', (id) => {
  const names = readdirSync(new URL('samples/', folder(id)))
  const logs = names.filter((name) => name.endsWith('.log'))
  const readme = readFileSync(new URL('README.md', folder(id)), 'utf8')

  it('has a guide with a mapping table, and a recorded sample', () => {
    expect(readme).toMatch(/^# /)
    expect(readme).toMatch(/^\| .*key|^\| part|^\| column|^\| what is written/m)
    expect(logs.length).toBeGreaterThan(0)
    for (const name of logs) expect(names).toContain(name.replace('.log', '.expected.json'))
  })

  it('says in the guide which keys are not kept, and why', () => {
    for (const key of formats[id].notKept?.keys() ?? []) expect(readme).toContain(`\`${key}\``)
  })

  it.each(logs)('tells %s from its lines, and what each line means', (name) => {
    const lines = linesOf(id, name)
    expect(detectFormat(lines)).toMatchObject({ outcome: 'detected', format: id })
    for (const line of lines.slice(-2)) {
      expect(detectFormat([line])).toMatchObject({ outcome: 'detected', format: id })
    }
    const decode = openFormat(id)
    const outcomes = lines.map((line) => decodeLine(decode, line))
    const expected = new URL(`samples/${name.replace('.log', '.expected.json')}`, folder(id))
    expect(existsSync(expected)).toBe(true)
    expect(outcomes).toEqual(JSON.parse(readFileSync(expected, 'utf8')))
    expect(JSON.stringify(outcomes)).not.toContain(secret)
  })

  it('is told from all other formats, and theirs from it', () => {
    const decode = openFormat(id)
    for (const other of formatIds.filter((one) => one !== id)) {
      const logsOfOther = readdirSync(new URL('samples/', folder(other))).filter((name) =>
        name.endsWith('.log'),
      )
      for (const line of logsOfOther.flatMap((name) => linesOf(other, name))) {
        expect(detectFormat([line])).not.toMatchObject({ format: id })
        // Whatever comes of it, a line of another format stops nothing.
        expect(decodeLine(decode, line)).toHaveProperty('outcome')
      }
    }
  })

  it('believes no mark, whatever its name', () => {
    const decode = openFormat(id)
    for (const line of logs.flatMap((name) => linesOf(id, name)).filter((text) => text.startsWith('{'))) {
      const marked = line.replace(/^\{/, '{"x-picket-decision":"d-1","enforced_by":"d-1",')
      const decoded = decodeLine(decode, marked)
      if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded))
      // Canonical records may say so; whether their source is trusted is decided where they come in.
      if (id !== 'canonical') expect(decoded.event.enforced_by).not.toBe('d-1')
    }
  })
})

function linesOf(id: FormatId, name: string): readonly string[] {
  return readFileSync(new URL(`samples/${name}`, folder(id)), 'utf8')
    .trimEnd()
    .split('\n')
}
