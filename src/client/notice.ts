import { html, nothing, type TemplateResult } from "lit";
import type { Caption } from "./caption.ts";
import { MARKS } from "./marks.ts";
import { icon } from "./toolbar.ts";

/** What stands in the middle of a picture that is not live; with `waiting` it is on its way. */
export function notice(words: Caption, waiting: boolean): TemplateResult | typeof nothing {
  if (words.notice === undefined) return nothing;
  return html`
    <div class="notice ${waiting ? "wait" : ""}">
      <div class="plate">
        <div class="mark">${icon(waiting ? MARKS.waiting : MARKS.trouble)}</div>
        <strong>${words.notice}</strong>
        ${words.detail === undefined ? nothing : html`<span class="detail">${words.detail}</span>`}
        ${words.picture === undefined ? nothing : html`<span class="picture-age">${words.picture}</span>`}
      </div>
    </div>
  `;
}
