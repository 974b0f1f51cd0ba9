import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const STOP_MS = 3_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, "..", "exit-with-parent.ts")).href;

/** How a process exited. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of the local stack. It can't outlive this process. */
export interface Child {
  pid: number;
  exited: Promise<Exit>;
  /** The first IPC message; null if it exits without one. */
  firstMessage: Promise<unknown>;
  /** Asks it to exit, and kills it after 3 seconds. */
  stop(): Promise<void>;
  /** Kills it at once, as in a crash. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface ChildOptions {
  args: string[];
  /** Undefined values are left out. */
  env: NodeJS.ProcessEnv;
  cwd: string;
  nodeFlags?: string[];
  onLine: (line: string, stream: "stdout" | "stderr") => void;
}

/** Starts a script with this process's own Node. */
export function startChild(script: string, { args, env, cwd, nodeFlags = [], onLine }: ChildOptions): Child {
  const child = spawn(process.execPath, ["--import", PRELOAD, ...nodeFlags, script, ...args], {
    cwd,
    env,
    // Its own process group: Ctrl-C goes to the parent, which stops its children in order.
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const { stdout, stderr } = child as typeof child & {
    stdout: NodeJS.ReadableStream;
    stderr: NodeJS.ReadableStream;
  };
  createInterface({ input: stdout }).on("line", (line) => onLine(line, "stdout"));
  createInterface({ input: stderr }).on("line", (line) => onLine(line, "stderr"));
  // "close" comes after the last output; "exit" may come before it.
  const exited = new Promise<Exit>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
    child.once("error", (error) => {
      onLine(error.message, "stderr");
      resolve({ code: 1, signal: null });
    });
  });
  const firstMessage = Promise.race([
    new Promise<unknown>((resolve) => child.once("message", resolve)),
    exited.then(() => null),
  ]);
  return {
    pid: child.pid ?? 0,
    exited,
    firstMessage,
    async stop() {
      if (child.connected) child.send("shutdown", () => {});
      const deadline = new AbortController();
      const late = sleep(STOP_MS, "late", { signal: deadline.signal }).catch(() => "stopped");
      if ((await Promise.race([exited, late])) === "late") child.kill("SIGKILL");
      deadline.abort();
      await exited;
    },
    async kill(signal) {
      child.kill(signal);
      await exited;
    },
  };
}
