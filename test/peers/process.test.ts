import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { freePort } from './free-port.ts'
import { startProcess } from './process.ts'

const node = process.execPath

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

/** A server that answers SIGTERM with `onTerm`, a statement. */
const server = (port: number, onTerm: string) => [
  '-e',
  `process.on('SIGTERM', () => { ${onTerm} }); require('net').createServer().listen(${port}, '127.0.0.1')`,
]

test('a process is ready when it says so and gone after stop, which may be called twice', async () => {
  const port = await freePort()
  const running = await startProcess({
    command: node,
    args: server(port, 'process.exit(7)'),
    isReady: () => isListening(port),
  })
  await running.stop()
  await running.stop()
  expect(await running.ended).toEqual({ code: 7, signal: null })
  expect(await isListening(port)).toBe(false)
})

test('a process that ignores SIGTERM is killed', async () => {
  const port = await freePort()
  const running = await startProcess({
    command: node,
    args: server(port, ''),
    isReady: () => isListening(port),
    stopMsMax: 100,
  })
  await running.stop()
  expect(await running.ended).toEqual({ code: null, signal: 'SIGKILL' })
})

test.each([
  [
    'ends early',
    // Never reached, however slow the machine.
    20_000,
    `console.error('bad port'); process.exit(3)`,
    /ended with 3 before it was ready; it wrote:\nbad port/,
  ],
  [
    'is never ready',
    5000,
    `console.log('waiting'); setInterval(() => {}, 1000)`,
    /not ready within 5000 ms; it wrote:\nwaiting/,
  ],
])('the error of a process that %s holds what it wrote', async (_, readyMsMax, script, message) => {
  const starting = startProcess({
    command: node,
    args: ['-e', script],
    isReady: async () => false,
    readyMsMax,
  })
  await expect(starting).rejects.toThrow(message)
})

test('a command that is not there is named', async () => {
  const starting = startProcess({ command: 'picket-no-such-command', args: [], isReady: async () => false })
  await expect(starting).rejects.toThrow('picket-no-such-command is not installed')
})

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a child dies with a runner that is ended by %s',
  async (signal) => {
    const port = await freePort()
    const script = `
    import { spawnTracked } from ${JSON.stringify(join(import.meta.dirname, 'tracked-child.ts'))}
    spawnTracked({ command: process.execPath, args: ${JSON.stringify(server(port, ''))} })`
    const runner = spawn(node, ['--import', 'tsx', '--input-type=module', '-e', script], { stdio: 'inherit' })
    try {
      await vi.waitUntil(() => isListening(port), { timeout: 20_000 })
    } finally {
      runner.kill(signal)
    }
    await vi.waitUntil(async () => !(await isListening(port)), { timeout: 20_000 })
  },
  60_000,
)
