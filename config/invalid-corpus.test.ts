import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { invalidMessages } from './testing/invalid-messages.ts'
import { repository } from './testing/stand-ins.ts'

const folder = join(repository, 'test', 'fixtures', 'invalid')
const files = readdirSync(folder)
const mistakes = files.filter((name) => name.endsWith('.yaml')).map((name) => name.slice(0, -'.yaml'.length))

describe('wrong files get the message that stands beside them', () => {
  it.each(mistakes)('%s', (mistake) => {
    const text = readFileSync(join(folder, `${mistake}.yaml`), 'utf8')
    const expected = readFileSync(join(folder, `${mistake}.txt`), 'utf8')
    expect(`${invalidMessages(`${mistake}.yaml`, text)}\n`).toBe(expected)
  })

  it('has a file for every message', () => {
    const messages = files
      .filter((name) => name.endsWith('.txt'))
      .map((name) => name.slice(0, -'.txt'.length))
    expect(messages).toEqual(mistakes)
    expect(mistakes.length).toBeGreaterThan(60)
  })

  it('shows no secret and nothing that a terminal obeys', () => {
    for (const mistake of mistakes) {
      const message = readFileSync(join(folder, `${mistake}.txt`), 'utf8')
      expect(message).not.toMatch(/hunter2|NOTASECRET|12345678/)
      expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      expect(message).not.toContain('no problem was found')
    }
  })
})
