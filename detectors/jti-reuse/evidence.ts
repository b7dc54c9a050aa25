import { z } from 'zod'
import { reasons } from './claim.ts'

const instant = z.string().describe('ISO 8601')

/** What a finding shows. Counts are of the window; lists are sorted, or by uses, and capped. */
export const evidence = z.strictObject({
  reasons: z.array(z.enum(reasons)),
  basis: z.string().optional().describe('In what the two places differ.'),
  alternations: z.number().int().describe('Changes from one client to the other, at least.'),
  places: z.array(
    z.strictObject({
      address: z.string(),
      network: z.string(),
      user_agent: z.string(),
      tls: z.string(),
      country: z.string(),
      asn: z.number().int(),
      first: instant,
      last: instant,
      uses: z.number().int(),
    }),
  ),
  uses: z.number().int().describe('Accepted uses in the window; an edge and a service view are one.'),
  services: z
    .array(z.string())
    .describe('Services where it was taken although its audience does not name them.'),
  audience: z.array(z.string()).describe('What its audience says, where that was misused.'),
  subject: z.string().optional().describe('Owner of the token.'),
  issuers: z.array(z.string()),
  logout_at: instant.optional(),
  uses_after_logout: z.number().int(),
  late_by_s: z.number().describe('Longest time that it was accepted after its expiry, seconds.'),
  early_by_s: z.number().describe('Longest time that it was accepted before its issue, seconds.'),
})
export type Evidence = z.output<typeof evidence>
