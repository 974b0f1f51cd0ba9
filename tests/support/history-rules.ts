import type { Registration } from "../../src/domain/registration.ts";

/** One request of an agent, and what happened to it. Times are counted in steps of the history. */
export interface Change {
  readonly number: number;
  readonly instance: number;
  readonly kind: "put" | "remove";
  readonly enforce: boolean;
  readonly now: Date;
  readonly requestedAt: number;
  /** When storage last carried out a read for it, before its first write. */
  readAt: number | undefined;
  hasWritten: boolean;
  /** When its caller was answered, and with what. */
  answeredAt: number | undefined;
  answer: { readonly registration?: Registration; readonly created?: boolean } | "503" | undefined;
  /** Whether storage failed it in any way. */
  disturbed: boolean;
}

/** Whose values the table holds, and since when. */
interface Holding {
  readonly change: Change;
  readonly since: number;
}

/** Checks a history against the contract and collects `violations`. */
export class HistoryRules {
  readonly violations: string[] = [];
  readonly changes: Change[] = [];
  #holding: Holding | undefined;
  #first: Change | undefined;

  /** A write was executed: no earlier request may change what was acknowledged. */
  onCarriedOut(change: Change, step: number): void {
    const before = this.#holding;
    this.#holding = { change, since: step };
    this.#first ??= change;
    if (
      before === undefined ||
      !isAcknowledged(before.change) ||
      change.requestedAt >= before.change.requestedAt
    )
      return;
    if (change.kind === "remove" && before.change.kind === "remove") return;
    // Another instance's that did not look at the table before all that, and was asked for at about the same time:
    // within what the clocks of two instances may be apart, nothing tells which was first.
    const apart = before.change.now.getTime() - change.now.getTime();
    if (change.instance !== before.change.instance && (change.readAt ?? 0) >= before.since && apart <= 100)
      return;
    this.violations.push(`${said(change)} changes ${said(before.change)}, asked for later and acknowledged`);
  }

  /** Of changes that did not overlap, the last acknowledged one wins. */
  onStep(): void {
    const stands = this.#holding?.change;
    const endedAt = stands === undefined ? 0 : (stands.answeredAt ?? Number.POSITIVE_INFINITY);
    for (const change of this.changes) {
      if (!isAcknowledged(change) || change.requestedAt <= endedAt || change === stands) continue;
      // Of two removals, either may win.
      if (change.kind === "remove" && stands?.kind === "remove") continue;
      this.violations.push(`${stands ? said(stands) : "nothing"} stands, and not ${said(change)}`);
    }
  }

  /** `found` is what stands, and each answer has its own values. */
  onEnd(found: Registration | undefined): void {
    const stands = this.#holding?.change;
    const { now, enforce } = stands?.kind === "put" ? stands : {};
    if (found?.updatedAt.getTime() !== now?.getTime() || found?.enforceClientAuthz !== enforce) {
      this.violations.push(`found is not ${stands ? said(stands) : "nothing"}`);
    }
    for (const change of this.changes) {
      const { answer, disturbed, kind } = change;
      if (answer === "503" && !disturbed) this.violations.push(`${said(change)}: 503, and nothing was wrong`);
      if (answer === undefined || answer === "503" || kind === "remove") continue;
      const { enforceClientAuthz, updatedAt } = answer.registration ?? {};
      if (enforceClientAuthz === change.enforce && updatedAt === change.now) continue;
      this.violations.push(`${said(change)}: answered another's values`);
    }
    if (this.changes.every(({ kind }) => kind === "put")) this.#expectOneFirst(found);
  }

  /** Without removals there is one first registration, and its time is everybody's. */
  #expectOneFirst(found: Registration | undefined): void {
    let created = 0;
    for (const { answer, ...change } of this.changes) {
      if (answer === undefined || answer === "503") continue;
      if (answer.created) created++;
      if (answer.registration?.registeredAt.getTime() !== found?.registeredAt.getTime()) {
        this.violations.push(`change ${change.number}: registered_at is not that of the first`);
      }
    }
    const isAnswered = this.#first !== undefined && isAcknowledged(this.#first);
    if (created !== (isAnswered ? 1 : 0)) this.violations.push(`${created} answers were 201`);
  }
}

/** The change, for a reader. */
export function said({ number, kind, instance, requestedAt, answeredAt }: Change): string {
  return `change ${number} (${kind}, instance ${instance}, steps ${requestedAt} to ${answeredAt ?? "…"})`;
}

function isAcknowledged({ answer }: Change): boolean {
  return answer !== undefined && answer !== "503";
}
