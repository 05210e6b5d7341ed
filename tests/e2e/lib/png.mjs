// Makes small PNG files.
import { crc32, deflateSync } from 'node:zlib';

function chunk(type, content) {
	const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), content, Buffer.alloc(4)]);
	bytes.writeUInt32BE(content.length, 0);
	bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
	return bytes;
}

/**
 * Returns a PNG file of one colour ([red, green, blue]). `noise`: bytes of content that cannot be compressed, in a chunk that
 * programs ignore. `more`: chunks before the pixels, as [type, content].
 */
export function png(width, height, colour = [0, 82, 204], { noise = Buffer.alloc(0), more = [] } = {}) {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, 2], 8);
	const row = Buffer.concat([Buffer.from([0]), ...Array(width).fill(Buffer.from(colour))]);
	const pixels = deflateSync(Buffer.concat(Array(height).fill(row)));
	return Buffer.concat([
		Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
		chunk('IHDR', header),
		...more.map(([type, content]) => chunk(type, Buffer.from(content))),
		...(noise.length > 0 ? [chunk('noIs', noise)] : []),
		chunk('IDAT', pixels),
		chunk('IEND', Buffer.alloc(0)),
	]);
}
