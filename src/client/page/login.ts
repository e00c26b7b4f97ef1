/**
 * The form that asks who one is: a name and a password, or the token that the server tells at its start.
 * @module
 */
import { html, nothing, render, type TemplateResult } from "lit";
import { askWho, tell } from "./access/who.ts";

let byName = true;
let hasUsers = false;
let isBusy = false;
// The server leads here from a link that it does not take.
let error = new URLSearchParams(location.search).has("link")
  ? "The link that you opened is wrong, has expired or was revoked"
  : undefined;

function draw(): void {
  const main = document.querySelector("main");
  if (main !== null) render(form(), main);
}

function form(): TemplateResult {
  return html`
    <form @submit=${submit}>
      <span class="lens large" aria-hidden="true"></span>
      <h1>Log in</h1>
      ${
        byName
          ? html`
            <label>Name<input name="name" autocomplete="username" autocapitalize="none" required autofocus /></label>
            <label>Password<input name="password" type="password" autocomplete="current-password" required /></label>`
          : html`
            <p>Open the link that was given to you, or that the server tells (<code>hello-websocket link</code>).</p>
            <label>Token<input name="token" type="password" autocomplete="off" required autofocus /></label>`
      }
      ${error === undefined ? nothing : html`<p class="error" role="alert">${error}</p>`}
      <button ?disabled=${isBusy}>Log in</button>
      ${
        hasUsers
          ? html`<button type="button" class="other" @click=${swap}>
            ${byName ? "With a token instead" : "With a name instead"}
          </button>`
          : nothing
      }
    </form>
  `;
}

function swap(): void {
  byName = !byName;
  error = undefined;
  draw();
}

/** To the page, and to the camera that the address named before it led here. */
function enter(): void {
  location.replace(`./${location.hash}`);
}

async function submit(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target as HTMLFormElement));
  isBusy = true;
  error = undefined;
  draw();
  try {
    await tell("POST", "login", fields);
    enter();
  } catch (failure) {
    error = failure instanceof Error ? failure.message : String(failure);
  }
  isBusy = false;
  draw();
}

const who = await askWho();
if (who?.role === undefined) {
  hasUsers = who?.users === true;
  byName = hasUsers;
  draw();
} else {
  enter();
}
