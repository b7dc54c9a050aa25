import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { containWalks, pagingKey } from '../cluster/attack.ts'
import { embeddedOutcome, type RunOutcome } from '../cluster/outcome.ts'
import { type PageReceiver, startPageReceiver } from '../e2e/page-receiver.ts'
import { startPicket } from '../e2e/picket-process.ts'

/** A folder with configurations, and the target that writes down what is told to it. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'picket-chaos-'))
  readonly receiver: PageReceiver

  private constructor(receiver: PageReceiver) {
    this.receiver = receiver
    writeFileSync(join(this.folder, 'contain.yaml'), containWalks)
  }

  static async open(): Promise<Stage> {
    return new Stage(await startPageReceiver())
  }

  /** Writes a configuration; `more` are its sources and what else it needs. Returns its path. */
  configure(name: string, more: string): string {
    const path = join(this.folder, `${name}.yaml`)
    writeFileSync(
      path,
      `data_dir: ./${name}
${more}
playbooks: [./contain.yaml]
response: { actionable_for: 24h }
actions: { page: { routing_key: env:PICKET_TEST_ROUTING_KEY, url: '${this.receiver.url}', allow_private: true } }
`,
    )
    return path
  }

  /** What one undisturbed process makes of the lines, and the keys of its calls. */
  async undisturbed(lines: readonly string[]): Promise<RunOutcome & { readonly calls: readonly string[] }> {
    writeFileSync(join(this.folder, 'recording.ndjson'), `${lines.join('\n')}\n`)
    const file =
      'sources: [{ type: file, paths: [./recording.ndjson], lateness: 30s }]\nclickhouse: { embedded: false }'
    const config = this.configure('undisturbed', file)
    const { code, stderr } = await startPicket(['run', '--config', config], pagingKey).ended
    if (code !== 0) throw new Error(`the undisturbed run ended with ${code}: ${stderr}`)
    const calls = this.takeCalls()
    return { ...(await embeddedOutcome(config)), calls: [...new Set(calls)].sort() }
  }

  /** Keys of the calls so far, in order, and begins anew. */
  takeCalls(): string[] {
    return this.receiver.received.splice(0).map(({ action, key }) => `${action} ${key}`)
  }

  async close(): Promise<void> {
    await this.receiver.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
