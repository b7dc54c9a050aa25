import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouseError } from '@clickhouse/client'
import { AnalyticsError } from './analytics-error.ts'

const firstDelayMs = 50
const delayMsMax = 2_000

/**
 * Server problems that pass: a full disk (75, 243), too many queries or parts, memory pressure, network, a replica in
 * read-only mode, a server that is stopping (236, 394). The numbers are ClickHouse's (`src/Common/ErrorCodes.cpp`).
 */
const passingCodes = new Set(['75', '202', '209', '210', '236', '241', '242', '243', '252', '394', '999'])
/** Unknown user, wrong password, authentication failed. */
const deniedCodes = new Set(['192', '193', '194', '516'])

/**
 * Calls until it succeeds, for at most `patienceMs`. Only for what may be done twice: reads, and inserts that carry a
 * token. Rejects with an `AnalyticsError`.
 */
export async function withRetries<T>(where: string, patienceMs: number, call: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, delayMsMax)) {
    try {
      return await call()
    } catch (error) {
      if (!isPassing(error) || performance.now() + delayMs > deadline) throw analyticsError(where, error)
      await sleep(delayMs)
    }
  }
}

/** A connection that failed or broke off, or a server that is busy. */
function isPassing(error: unknown): boolean {
  if (error instanceof ClickHouseError) return passingCodes.has(error.code)
  const { code, message } = error as { code?: unknown; message?: unknown }
  return /^E[A-Z_]+$/.test(String(code)) || /timeout|hang up|socket|aborted/i.test(String(message))
}

/** What a failed call means, without the credentials that a URL may hold. */
export function analyticsError(where: string, error: unknown): AnalyticsError {
  if (error instanceof AnalyticsError) return error
  const text = errorText(error)
  if (!(error instanceof ClickHouseError)) {
    const advice = 'start ClickHouse, or correct its URL'
    return new AnalyticsError(
      'unreachable',
      `ClickHouse at ${where} is unreachable: ${text}; ${advice}`,
      error,
    )
  }
  if (deniedCodes.has(error.code)) {
    const advice = 'check user and password'
    return new AnalyticsError(
      'denied',
      `ClickHouse at ${where} refuses the log-in: ${text}; ${advice}`,
      error,
    )
  }
  if (passingCodes.has(error.code)) {
    const advice = 'give it room, or less to do'
    return new AnalyticsError(
      'busy',
      `ClickHouse at ${where} takes nothing now: code ${error.code}, ${text}; ${advice}`,
      error,
    )
  }
  return new AnalyticsError('refused', `ClickHouse at ${where} refused: code ${error.code}, ${text}`, error)
}

/** The message, in bounded length; connection errors of several addresses have an empty one and a code. */
function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  return (error.message || (typeof code === 'string' ? code : error.name)).slice(0, 1000)
}
