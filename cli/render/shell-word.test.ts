import { expect, it } from 'vitest'
import { shellWord } from './shell-word.ts'

it.each([
  ['/etc/picket/picket.yaml', '/etc/picket/picket.yaml'],
  ['my file.yaml', "'my file.yaml'"],
  ["it's $HOME", `'it'\\''s $HOME'`],
  ['', "''"],
])('%s', (text, word) => expect(shellWord(text)).toBe(word))
