import { html, nothing, type TemplateResult } from "lit";
import type { CameraControl } from "../protocol/index.ts";
import type { ControlDesk } from "./control-desk.ts";
import { MARKS } from "./marks.ts";
import { icon } from "./toolbar.ts";

/** The controls of a camera, each as what moves it. */
export function controlPanel(desk: ControlDesk): TemplateResult {
  if (desk.state === "reading") return html`<p class="words" role="status">Asking the camera…</p>`;
  if (desk.state === "forbidden") return html`<p class="words">You may not adjust this camera.</p>`;
  if (desk.state === "none") {
    return html`
      <p class="words">Nothing can be adjusted: ${desk.reason ?? "the camera has no controls"}.</p>
      <div class="actions"><button type="button" @click=${() => desk.refresh()}>Ask again</button></div>
    `;
  }
  const changed = desk.controls.some(
    ({ kind, value, default: usual, inactive }) => kind !== "button" && inactive !== true && value !== usual,
  );
  return html`
    ${desk.locked ? html`<p class="words">You may look at these, but not change them.</p>` : nothing}
    ${desk.reason === undefined ? nothing : html`<p class="words trouble" role="alert">${desk.reason}</p>`}
    ${desk.controls.map((control) => row(control, desk))}
    <div class="actions">
      <button type="button" ?disabled=${!changed || desk.locked} @click=${() => desk.reset()}>
        Reset all to default
      </button>
    </div>
  `;
}

/** The name of a control, as a person reads it: `exposure_time_absolute` is `Exposure time`. */
export function controlLabel(name: string): string {
  const words = name.replace(/_absolute$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function row(control: CameraControl, desk: ControlDesk): TemplateResult {
  const { name, kind, value, default: usual } = control;
  const off = desk.locked || control.inactive === true;
  const why = control.inactive === true ? "Another control decides at present" : "";
  const reset =
    kind === "button"
      ? nothing
      : html`<button
          type="button"
          class="reset"
          title=${`Reset to ${said(control, usual)}`}
          aria-label=${`Reset ${controlLabel(name)} to ${said(control, usual)}`}
          ?disabled=${off || value === usual}
          @click=${() => desk.reset(name)}
        >${icon(MARKS.reset)}</button>`;
  return html`
    <div class="control ${control.inactive === true ? "inactive" : ""}" data-control=${name} data-kind=${kind} title=${why}>
      <label for=${`control-${name}`}>${controlLabel(name)}</label>
      ${mover(control, off, (wanted) => desk.set(name, wanted))} ${reset}
    </div>
  `;
}

function mover(control: CameraControl, off: boolean, set: (value: number) => void): TemplateResult {
  const { name, kind, value, min, max, step } = control;
  const id = `control-${name}`;
  const take = (event: Event): void =>
    set(Number((event.target as HTMLInputElement | HTMLSelectElement).value));
  switch (kind) {
    case "switch":
      return html`<input
        type="checkbox"
        role="switch"
        id=${id}
        .checked=${value !== 0}
        ?disabled=${off}
        @change=${(event: Event) => set((event.target as HTMLInputElement).checked ? 1 : 0)}
      />`;
    case "menu":
      return html`<select id=${id} ?disabled=${off} @change=${take}>
        ${(control.choices ?? []).map(
          (choice) =>
            html`<option value=${choice.value} ?selected=${choice.value === value}>${choice.label}</option>`,
        )}
      </select>`;
    case "button":
      return html`<button type="button" id=${id} ?disabled=${off} @click=${() => set(1)}>Press</button>`;
    case "range":
      return html`<input
          type="range"
          id=${id}
          min=${min}
          max=${max}
          step=${step}
          .value=${String(value)}
          ?disabled=${off}
          title=${`${min} to ${max}${step === 1 ? "" : ` in steps of ${step}`}`}
          @input=${take}
        /><input
          type="number"
          class="figure"
          aria-label=${`${controlLabel(name)}, ${min} to ${max}`}
          min=${min}
          max=${max}
          step=${step}
          .value=${String(value)}
          ?disabled=${off}
          @change=${take}
        />`;
  }
}

function said({ kind, choices }: CameraControl, value: number): string {
  if (kind === "switch") return value === 0 ? "off" : "on";
  return choices?.find((choice) => choice.value === value)?.label ?? String(value);
}
