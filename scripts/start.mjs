// What `make run` and `npm start` run: builds where that is due, then is the command itself. In one process, so who ends that has ended
// the server; a shell that waits for the one and then the other would be ended alone, and leave the server behind.
import "./build-if-stale.mjs";

await import(new URL("../dist/cli/main.js", import.meta.url).href);
