/** Audio seconds used per application, day and month, in Korean time (fidelity.md, source 5). */
import type { Clock } from '../ports.ts'
import type { Application } from './applications.ts'

/** Korea has been at UTC+9 without summer time since 1988. */
const KST_OFFSET_MS = 9 * 3_600_000

interface Usage {
  day: string
  month: string
  daySeconds: number
  monthSeconds: number
}

export interface Quota {
  /** Which limit leaves no second, or undefined when the application may call. */
  exhaustedLimit (application: Application): 'daily' | 'monthly' | undefined
  /** Adds one sound, rounded up. Only calls that were answered with a transcript are charged. */
  charge (application: Application, durationMs: number): void
}

/** @param roundingSeconds each call counts as the next multiple of this */
export function createQuota (clock: Clock, roundingSeconds: number): Quota {
  const usages = new Map<string, Usage>()

  function current (clientId: string): Usage {
    const date = new Date(clock.nowMs() + KST_OFFSET_MS).toISOString()
    const day = date.slice(0, 10)
    const month = date.slice(0, 7)
    const before = usages.get(clientId)
    return {
      day,
      month,
      daySeconds: before?.day === day ? before.daySeconds : 0,
      monthSeconds: before?.month === month ? before.monthSeconds : 0
    }
  }

  return {
    exhaustedLimit ({ clientId, dailyQuotaSeconds = Infinity, monthlyQuotaSeconds = Infinity }) {
      // As for most: saves every call the calendar.
      if (dailyQuotaSeconds === Infinity && monthlyQuotaSeconds === Infinity) return undefined
      const { daySeconds, monthSeconds } = current(clientId)
      if (daySeconds >= dailyQuotaSeconds) return 'daily'
      return monthSeconds >= monthlyQuotaSeconds ? 'monthly' : undefined
    },
    charge ({ clientId, dailyQuotaSeconds, monthlyQuotaSeconds }, durationMs) {
      // Without a limit nothing can run out; counting any client id that somebody invents would only eat memory.
      if (dailyQuotaSeconds === undefined && monthlyQuotaSeconds === undefined) return
      const seconds = Math.ceil(durationMs / 1000 / roundingSeconds) * roundingSeconds
      const usage = current(clientId)
      usage.daySeconds += seconds
      usage.monthSeconds += seconds
      usages.set(clientId, usage)
    }
  }
}
