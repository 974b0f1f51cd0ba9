import { casbin } from "./casbin.ts";
import { casl, caslByType } from "./casl.ts";
import { cedar } from "./cedar.ts";
import type { Engine } from "./engine.ts";
import { linearScan } from "./linear-scan.ts";
import { lkps } from "./lkps.ts";

/** All measured engines; LKPS is the first. */
export const engines: readonly Engine[] = [lkps, linearScan, casl, caslByType, casbin, cedar];
