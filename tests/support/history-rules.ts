import type { Registration } from "../../src/domain/registration.ts";

/** One request of an agent, and what happened to it. Times are counted in steps of the history. */
export interface Change {
  readonly number: number;
  readonly instance: number;
  readonly kind: "put" | "remove";
  readonly enforce: boolean;
  /** By the clock of its instance. */
  readonly now: Date;
  readonly requestedAt: number;
  /** When its caller was answered, and with what. */
  answeredAt: number | undefined;
  answer: { readonly registration?: Registration; readonly created?: boolean } | "503" | undefined;
  /** Whether storage failed it in any way. */
  disturbed: boolean;
}

/** Within this time, the clocks of two instances do not tell which change came first. */
const INDISTINGUISHABLE_MS = 2_000;

/** Checks a history against the contract and collects `violations`. */
export class HistoryRules {
  readonly violations: string[] = [];
  readonly changes: Change[] = [];
  /** Whose values the table holds. */
  #holding: Change | undefined;
  #writtenBy = "";
  #first: Change | undefined;

  /** A write was executed: no earlier request may change what was acknowledged. */
  onCarriedOut(change: Change, writtenBy: string): void {
    // A change that counts as just before the row keeps the row's values.
    if (writtenBy === this.#writtenBy) return;
    this.#writtenBy = writtenBy;
    const before = this.#holding;
    this.#holding = change;
    this.#first ??= change;
    if (before === undefined || !isAcknowledged(before) || change.requestedAt >= before.requestedAt) return;
    if (change.kind === "remove" && before.kind === "remove") return;
    if (seemsLater(change, before) && strictnessOf(change) >= strictnessOf(before)) return;
    this.violations.push(`${said(change)} changes ${said(before)}, asked for later and acknowledged`);
  }

  onStep(): void {
    const stands = this.#holding;
    for (const change of this.changes) {
      if (!isAcknowledged(change) || change === stands) continue;
      // Nothing acknowledged is undone by a looser change that was asked for before it.
      const isUndone = strictnessOf(stands) < strictnessOf(change) && !this.#isLoosenedAfter(change, stands);
      // Of changes that did not overlap, the last acknowledged one wins.
      const isDropped =
        change.requestedAt > (stands === undefined ? 0 : (stands.answeredAt ?? Number.POSITIVE_INFINITY));
      const mayBeDropped =
        stands !== undefined &&
        ((change.kind === "remove" && stands.kind === "remove") ||
          (strictnessOf(stands) === strictnessOf(change) && seemsLater(stands, change)));
      if (isUndone || (isDropped && !mayBeDropped)) {
        this.violations.push(`${stands ? said(stands) : "nothing"} stands, and not ${said(change)}`);
      }
    }
  }

  /** Whether what stands, or an acknowledged change as loose, was asked for after the change. */
  #isLoosenedAfter({ requestedAt }: Change, stands: Change | undefined): boolean {
    return this.changes.some(
      (other) =>
        other.requestedAt > requestedAt &&
        (other === stands || (isAcknowledged(other) && strictnessOf(other) <= strictnessOf(stands))),
    );
  }

  /** `found` is what stands, and each answer has its own values. */
  onEnd(found: Registration | undefined): void {
    const stands = this.#holding;
    const { now, enforce } = stands?.kind === "put" ? stands : {};
    if (found?.updatedAt.getTime() !== now?.getTime() || found?.enforceClientAuthz !== enforce) {
      this.violations.push(`found is not ${stands ? said(stands) : "nothing"}`);
    }
    for (const change of this.changes) {
      const { answer, disturbed, kind } = change;
      if (answer === "503" && !disturbed && !this.changes.some((other) => isIndistinguishable(other, change)))
        this.violations.push(`${said(change)}: 503, and nothing was wrong`);
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
export function said({ number, kind, enforce, instance, requestedAt, answeredAt }: Change): string {
  const what = kind === "put" ? (enforce ? "enforced" : "opted out") : "removal";
  return `change ${number} (${what}, instance ${instance}, steps ${requestedAt} to ${answeredAt ?? "…"})`;
}

function isAcknowledged({ answer }: Change): boolean {
  return answer !== undefined && answer !== "503";
}

function strictnessOf(change: Change | undefined): number {
  return change === undefined || change.kind === "remove" ? 2 : Number(change.enforce);
}

/** Whether the clocks of two instances make the one seem to be later, or as late as the other. */
function seemsLater(one: Change, other: Change): boolean {
  return one.instance !== other.instance && one.now >= other.now;
}

/** Whether another instance's change is too close to tell which was first. */
function isIndistinguishable(one: Change, other: Change): boolean {
  const apartMs = Math.abs(one.now.getTime() - other.now.getTime());
  return (
    one.instance !== other.instance &&
    apartMs <= INDISTINGUISHABLE_MS &&
    strictnessOf(one) !== strictnessOf(other)
  );
}
