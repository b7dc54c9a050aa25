import { PassThrough, Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { readLines } from '../../../test/contracts/source-contract.ts'
import { inflatedInput } from './inflated-input.ts'
import { StdinSource } from './stdin-source.ts'

const lines = Array.from({ length: 3000 }, (_, index) => `${index} ${Math.sin(index)}`)
const text = lines.join('\n')

function source(...chunks: Uint8Array[]) {
  return new StdinSource({ id: 'in', input: inflatedInput(Readable.from(chunks)) })
}

async function textsOf(...chunks: Uint8Array[]) {
  return (await readLines(source(...chunks))).lines.get('stdin')?.map((line) => line.text)
}

it('reads gzip, in one piece, byte by byte and of several members, as it reads plain text', async () => {
  const zipped = gzipSync(text)
  const members = Buffer.concat([
    gzipSync(`${lines.slice(0, 99).join('\n')}\n`),
    gzipSync(lines.slice(99).join('\n')),
  ])
  expect(await textsOf(Buffer.from(text))).toEqual(lines)
  expect(await textsOf(zipped)).toEqual(lines)
  expect(await textsOf(zipped.subarray(0, 1), zipped.subarray(1, 2), zipped.subarray(2))).toEqual(lines)
  expect(await textsOf(members)).toEqual(lines)
})

it('gives what came before the place where gzip data ends too soon, then an error that says so', async () => {
  const read: string[] = []
  const reading = readLines(source(gzipSync(text).subarray(0, -100)), new Map(), ({ lines }) => {
    for (const { text } of (lines.get('stdin') ?? []).slice(read.length)) read.push(text)
    return false
  })
  await expect(reading).rejects.toThrow(
    'cannot read standard input further: its gzip data is damaged or cut off',
  )
  expect(read.length).toBeGreaterThan(100)
})

it('holds no plain byte back', async () => {
  const input = new PassThrough()
  const inflated = inflatedInput(input)
  input.write('{')
  for await (const chunk of inflated) {
    expect(String(chunk)).toBe('{')
    break
  }
})
