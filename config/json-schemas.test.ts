import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { jsonSchemas } from './json-schemas.ts'
import { repository } from './testing/stand-ins.ts'

const schemas = Object.entries(jsonSchemas())

it.each(schemas)(
  'config/schemas/%s is what the source says; else run npx tsx config/generate-schemas.ts',
  (name, text) => {
    expect(readFileSync(join(repository, 'config', 'schemas', name), 'utf8')).toBe(text)
  },
)

it.each(schemas)('%s describes every setting in a sentence', (_name, text) => {
  const undescribed = settingsOf(JSON.parse(text)).filter(
    ({ description }) => !/^[A-Z`'].{12,}\.$/s.test(description),
  )
  expect(undescribed).toEqual([])
})

it.each(schemas)('%s tells the default of every setting that may be left out', (_name, text) => {
  const silent = settingsOf(JSON.parse(text)).filter(
    ({ name, description, isSetting, required }) =>
      isSetting && !required && !['$schema', 'description'].includes(name) && !/Default/.test(description),
  )
  expect(silent).toEqual([])
})

interface Setting {
  readonly name: string
  readonly description: string
  /** Holds a value itself, and not more settings. */
  readonly isSetting: boolean
  readonly required: boolean
}

interface Node {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly items?: Node
  readonly oneOf?: readonly Node[]
  readonly additionalProperties?: Node | boolean
}

function settingsOf(node: Node): readonly Setting[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, inner]) => [
    {
      name,
      description: inner.description ?? '',
      isSetting: inner.properties === undefined,
      required: node.required?.includes(name) ?? false,
    },
    ...settingsOf(inner),
  ])
  const more = typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []
  return [
    ...own,
    ...[...(node.items ? [node.items] : []), ...(node.oneOf ?? []), ...more].flatMap(settingsOf),
  ]
}
