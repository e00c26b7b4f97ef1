import { html, type TemplateResult } from "lit";

/** Modules of white around a code: less, and some phones do not see it. */
const MARGIN = 4;

/** A text as a QR code, drawn for a phone's camera. What draws it is loaded when it is wanted. */
export async function qrCode(text: string, label: string): Promise<TemplateResult> {
  const { create } = await import("qrcode");
  const { modules } = create(text, { errorCorrectionLevel: "L" });
  const { size } = modules;
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) if (modules.get(y, x) === 1) path += `M${x} ${y}h1v1h-1z`;
  }
  const box = `${-MARGIN} ${-MARGIN} ${size + 2 * MARGIN} ${size + 2 * MARGIN}`;
  return html`
    <svg class="qr" role="img" aria-label=${label} viewBox=${box} shape-rendering="crispEdges">
      <rect x=${-MARGIN} y=${-MARGIN} width=${size + 2 * MARGIN} height=${size + 2 * MARGIN} fill="#fff" />
      <path d=${path} fill="#000" />
    </svg>
  `;
}
