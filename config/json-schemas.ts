import { z } from 'zod'
import { picketConfigSchema } from './picket-config.ts'
import { playbookSchema } from './playbook/playbook-schema.ts'

/** The published JSON Schemas by file name, as text; they describe what a person writes, before defaults. */
export function jsonSchemas(): Readonly<Record<string, string>> {
  return {
    'picket.schema.json': textOf(picketConfigSchema, 'Picket configuration'),
    'playbook.schema.json': textOf(playbookSchema, 'Picket playbook'),
  }
}

function textOf(schema: z.ZodType, title: string): string {
  const described = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return `${JSON.stringify({ ...described, title }, null, 2)}\n`
}
