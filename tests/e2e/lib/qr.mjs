// Reads QR codes as a phone does: from a picture of the page.
import { inflateSync } from 'node:zlib';
import jsQR from 'jsqr';

/** The filters of PNG's lines: each byte is stored as the difference to what the bytes on its left and above predict. */
const predictions = [
	() => 0,
	(left) => left,
	(left, above) => above,
	(left, above) => (left + above) >> 1,
	(left, above, corner) => [left, above, corner].reduce((best, value) => (Math.abs(left + above - corner - value) < Math.abs(left + above - corner - best) ? value : best)),
];

/** Decodes a screenshot: a PNG with 8 bits for each channel, not interlaced. Returns {width, height, pixels} with RGBA pixels. */
function decodePng(png) {
	const [width, height, depth, type] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
	const channels = { 2: 3, 6: 4 }[type];
	if (depth !== 8 || !channels || png[28] !== 0) throw new Error(`a PNG of depth ${depth}, type ${type}`);
	const parts = [];
	for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12)
		if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
	const data = inflateSync(Buffer.concat(parts));
	const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
	const lineBytes = width * channels;
	let above = new Uint8Array(lineBytes);
	for (let y = 0; y < height; y++) {
		const predict = predictions[data[y * (lineBytes + 1)]];
		const line = Uint8Array.from(data.subarray(y * (lineBytes + 1) + 1, (y + 1) * (lineBytes + 1)));
		for (let i = 0; i < lineBytes; i++) line[i] += predict(line[i - channels] ?? 0, above[i], above[i - channels] ?? 0);
		for (let i = 0; i < lineBytes; i++) pixels[(y * width + Math.floor(i / channels)) * 4 + (i % channels)] = line[i];
		above = line;
	}
	return { width, height, pixels };
}

/** Returns the text of the QR code in a screenshot, or undefined. */
export function readQr(png) {
	const { width, height, pixels } = decodePng(png);
	return jsQR(pixels, width, height, { inversionAttempts: 'dontInvert' })?.data;
}
