import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // A gateway of .NET and a LiveKit server, which not every machine has: `npm run test:ocelot`, `npm run test:livekit`.
    exclude: ["tests/ocelot/**", "tests/livekit/**"],
  },
});
