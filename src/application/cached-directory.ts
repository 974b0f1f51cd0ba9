import type { ClientId } from "../domain/client-id.ts";
import { DependencyError } from "../domain/dependency-error.ts";
import type { ApplicationDirectory, ApplicationReading, Chance, ReadingNeed } from "../domain/ports.ts";

/** How long readings serve, and how long a caller waits for one. */
export interface CacheSettings {
  /** At least 1; without a cache, use the directory itself. */
  readonly cacheSeconds: number;
  /** The most that one caller waits, however many reads it takes part in. */
  readonly timeoutMs: number;
  /** Rejects when `operation` takes longer than `ms`, and then aborts its signal. */
  readonly within: <T>(ms: number, operation: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** How many agents are kept; those asked for longest ago go first. */
  readonly maxEntries: number;
}

/** What is known of one agent's application. */
interface Entry {
  /** When the directory was last asked, whether it answered or not; milliseconds since 1970. */
  askedAt: number;
  reading?: ApplicationReading;
  flight?: Promise<ApplicationReading> | undefined;
  /** Why the last read failed; `undefined` if it did not. */
  failure?: DependencyError | undefined;
}

/** What one caller has waited for. */
interface Waits {
  /** How often Graph was asked in the reads that ended. */
  attempts: number;
  /** Whether it waits for a read now. */
  forGraph: boolean;
}

/** One agent's application is asked for at most once in this time. */
const MIN_INTERVAL_MS = 1_000;

/**
 * Keeps what `directory` read: a reading serves for `cacheSeconds` from when it was asked for, a newer one replaces it
 * at once for everybody, and callers at the same time share a read. A caller that an old reading would deny gets a
 * new one first, or the failure of getting it. An agent is read at most once a second, failures included: whoever
 * needs another within the second gets the last failure at once, and no denial.
 */
export function cachedDirectory(
  directory: ApplicationDirectory,
  chance: Pick<Chance, "now">,
  settings: CacheSettings,
): ApplicationDirectory {
  const { cacheSeconds, timeoutMs, within, maxEntries } = settings;
  const entries = new Map<ClientId, Entry>();

  // A clock that was set back makes ages negative: such a thing is as good as old, or it would stay for good.
  const isYoungerThan = (ms: number, then: number) => {
    const age = chance.now().getTime() - then;
    return age >= 0 && age < ms;
  };

  const makeRoom = () => {
    for (const [agent, entry] of entries) {
      const isOld = !isYoungerThan(Math.max(cacheSeconds * 1_000, MIN_INTERVAL_MS), entry.askedAt);
      // The map is in the order of asking: the first that is to stay ends the search.
      if (entry.flight !== undefined || !(isOld || entries.size >= maxEntries)) return;
      entries.delete(agent);
    }
  };

  /** Enters a read that has just begun. */
  const enter = (agent: ClientId, read: Promise<ApplicationReading>): Promise<ApplicationReading> => {
    const earlier = entries.get(agent);
    entries.delete(agent);
    makeRoom();
    const entry: Entry = { askedAt: chance.now().getTime() };
    if (earlier?.reading !== undefined) entry.reading = earlier.reading;
    entries.set(agent, entry);

    const flight = read.then(
      (reading) => {
        entry.reading = reading;
        entry.flight = undefined;
        return reading;
      },
      (error: unknown) => {
        entry.failure = error instanceof DependencyError ? error : undefined;
        entry.flight = undefined;
        throw error;
      },
    );
    // Whoever waits for it hears of its failure; nobody may be left.
    flight.catch(() => {});
    entry.flight = flight;
    return flight;
  };

  /** What is kept of an agent, if it will do. */
  const keptFor = (agent: ClientId, need: ReadingNeed): ApplicationReading | undefined => {
    const kept = entries.get(agent)?.reading;
    if (kept === undefined || !isYoungerThan(cacheSeconds * 1_000, kept.readAt.getTime())) return undefined;
    return isGoodFor(kept, need) ? kept : undefined;
  };
  const wasAskedJustNow = (agent: ClientId) => {
    const entry = entries.get(agent);
    return entry !== undefined && entry.flight === undefined && isYoungerThan(MIN_INTERVAL_MS, entry.askedAt);
  };

  const readOrWait = async (
    agent: ClientId,
    need: ReadingNeed,
    signal: AbortSignal,
    waits: Waits,
  ): Promise<ApplicationReading> => {
    for (;;) {
      const kept = keptFor(agent, need);
      if (kept !== undefined) return { ...kept, source: "cache", attempts: waits.attempts };
      const entry = entries.get(agent);
      if (wasAskedJustNow(agent)) throw askedJustNow(entry?.failure);
      const joined = entry?.flight;
      waits.forGraph = true;
      const reading = await (joined ?? enter(agent, directory.read(agent, need)));
      waits.forGraph = false;
      waits.attempts += reading.attempts;
      // A read that others began may be too old by now to let this caller in, or to deny it: then it takes another,
      // if it still waits.
      const serves = joined === undefined || isYoungerThan(cacheSeconds * 1_000, reading.readAt.getTime());
      if (serves && isGoodFor(reading, need)) return { ...reading, attempts: waits.attempts };
      signal.throwIfAborted();
    }
  };

  const inTime = async <T>(operation: (signal: AbortSignal, waits: Waits) => Promise<T>): Promise<T> => {
    const waits: Waits = { attempts: 0, forGraph: false };
    try {
      return await within(timeoutMs, (signal) => operation(signal, waits));
    } catch (error) {
      if (error instanceof DependencyError) throw error;
      const message = "The application could not be read in time";
      const attempts = waits.attempts + (waits.forGraph ? 1 : 0);
      throw new DependencyError("directory_unavailable", message, { cause: error, attempts });
    }
  };
  return {
    read: (agent, need) => inTime((signal, waits) => readOrWait(agent, need, signal, waits)),
    readMany: (agents, need) =>
      inTime(async (signal, waits) => {
        const missing = agents.filter(
          (agent) =>
            keptFor(agent, need) === undefined && !entries.get(agent)?.flight && !wasAskedJustNow(agent),
        );
        if (missing.length > 0) {
          const batch = directory.readMany(missing, need);
          for (const agent of missing) {
            const read = async () => readingIn(await batch, agent);
            enter(agent, read());
          }
        }
        const read = (agent: ClientId) => readOrWait(agent, need, signal, waits).catch(asDependencyError);
        return new Map(await Promise.all(agents.map(async (agent) => [agent, await read(agent)] as const)));
      }),
  };
}

function isGoodFor(reading: ApplicationReading, need: ReadingNeed): boolean {
  return need.allows(reading.application) || reading.readAt >= need.denyNotBefore;
}

function readingIn(
  readings: ReadonlyMap<ClientId, ApplicationReading | DependencyError>,
  agent: ClientId,
): ApplicationReading {
  const reading = readings.get(agent);
  if (reading === undefined) throw new Error("The directory left an agent out");
  if (reading instanceof DependencyError) throw reading;
  return reading;
}

function asDependencyError(error: unknown): DependencyError {
  if (error instanceof DependencyError) return error;
  throw error;
}

function askedJustNow(failure: DependencyError | undefined): DependencyError {
  return new DependencyError(
    failure?.code ?? "directory_unavailable",
    "The application was asked for less than a second ago, and that failed",
    { cause: failure, retryAfterSeconds: failure?.retryAfterSeconds },
  );
}
