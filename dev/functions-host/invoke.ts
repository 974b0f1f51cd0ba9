import { randomBytes, randomUUID } from "node:crypto";
import type { App } from "./core-module.ts";
import type { RegisteredFunction, RpcTypedData } from "./core-types.ts";
import { log } from "./log.ts";

/**
 * Runs one invocation in the real worker's order: arguments, handler, response. Source: InvocationHandler.ts of
 * azure-functions-nodejs-worker.
 *
 * @returns the function's return value; undefined if there is none
 * @throws whatever the handler throws
 */
export async function invoke(
  app: App,
  { metadata, callback }: RegisteredFunction,
  input: { name: string; data: RpcTypedData },
): Promise<RpcTypedData | undefined> {
  if (app.programmingModel === undefined) throw new Error("The app did not set a programming model.");
  const invocationId = randomUUID();
  const traceParent = `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`;
  const model = await app.programmingModel.getInvocationModel({
    invocationId,
    metadata,
    state: undefined,
    log,
    request: {
      invocationId,
      functionId: metadata.name,
      inputData: [input],
      triggerMetadata: {},
      traceContext: { traceParent, traceState: "", attributes: {} },
    },
  });
  const { context, inputs } = await model.getArguments();
  const result = await model.invokeFunction(context, inputs, callback);
  const response = await model.getResponse(context, result);
  return response.returnValue ?? undefined;
}
