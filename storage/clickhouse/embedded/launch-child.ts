import { type ChildProcess, fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { AnalyticsError } from '../analytics-error.ts'
import type { StartedMessage, StartMessage } from './child-messages.ts'

/** A child that listens. */
export interface LaunchedChild {
  readonly process: ChildProcess
  readonly port: number
}

const startTimeoutMs = 60_000
const stderrLengthMax = 4_096

/** Starts the engine's process and waits until it listens. @throws AnalyticsError with why it does not */
export async function launchChild(message: StartMessage): Promise<LaunchedChild> {
  const child = forkChild()
  const stderr = collectStderr(child)
  try {
    const answer = await firstAnswer(child, message)
    if (answer.kind === 'listening') return { process: child, port: answer.port }
    throw startError(message.folder, answer.problem, answer.message, stderr())
  } catch (error) {
    child.kill('SIGKILL')
    if (error instanceof AnalyticsError) throw error
    throw startError(message.folder, 'crashed', (error as Error).message, stderr())
  }
}

/** Built, it is plain JavaScript beside this file; from source (tests, tsx), Node needs tsx to read it. */
function forkChild(): ChildProcess {
  const built = !import.meta.url.endsWith('.ts')
  const script = new URL(built ? './chdb-child.js' : './chdb-child.ts', import.meta.url)
  const tsx = () => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return fork(fileURLToPath(script), [], {
    execPath: process.execPath,
    // Flags of the parent (an inspector's port, say) are not for the child.
    execArgv: built ? [] : ['--import', tsx()],
    // Each query holds a thread of libuv's pool; with the default four, heavy ones starve everything else.
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

/** The end of what the child wrote: chDB tells why it cannot open a folder there and nowhere else. */
function collectStderr(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-stderrLengthMax)
  })
  return () => text
}

function firstAnswer(child: ChildProcess, message: StartMessage): Promise<StartedMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`it did not answer within ${startTimeoutMs / 1000} s`)),
      startTimeoutMs,
    )
    child.once('message', (answer) => {
      clearTimeout(timer)
      resolve(answer as StartedMessage)
    })
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    // `close` comes when standard error is read to its end, `exit` may come before.
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      reject(new Error(`it ended with ${signal ?? `exit code ${code}`}`))
    })
    child.send(message, () => undefined)
  })
}

function startError(folder: string, problem: string, message: string, stderr: string): AnalyticsError {
  if (problem === 'missing') {
    const advice = 'run `npm install chdb`, or name a ClickHouse server by its URL'
    return new AnalyticsError('missing', `chdb is not installed; ${advice}`)
  }
  if (stderr.includes('Cannot lock file')) {
    const advice = 'stop the other process, or name another data folder'
    return new AnalyticsError('locked', `another process has ${folder} open: ${advice}`)
  }
  const detail = stderr.trim() ? `; it wrote: ${lastLines(stderr)}` : ''
  return new AnalyticsError(
    'crashed',
    `the embedded ClickHouse on ${folder} did not start: ${message}${detail}`,
  )
}

/** The last lines, with control characters taken out: a path in them may be anybody's. */
function lastLines(text: string): string {
  const lines = text.trim().split('\n').slice(-3).join(' | ')
  return lines.replace(/[\x00-\x1f\x7f-\x9f]/g, ' ').slice(-600)
}
