import type * as z from "zod";
import type { responses } from "../src/contract/responses.ts";

// What LKPS answers. The pages come with the LKPS that answers, so the form of an answer is not checked again.

type Answer<Name extends keyof typeof responses> = z.output<(typeof responses)[Name]>;

export type Configuration = Answer<"ConsoleConfiguration">;
export type Authorization = Answer<"Authorization">;
export type DryRun = Answer<"Rehearsal">;
export type SessionPage = Answer<"SessionList">;
export type Session = SessionPage["sessions"][number];
export type Usage = Answer<"Usage">;
