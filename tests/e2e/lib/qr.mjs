// Reads QR codes as a phone does: from a picture of the page.
import jsQR from 'jsqr';

/** Returns the text of the QR code in a screenshot (PNG), or undefined. `browser`: a Browser, which decodes the picture. */
export async function readQr(browser, png) {
	const page = await browser.page();
	try {
		const { width, height, pixels } = await page.evaluate(async (base64) => {
			const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
			const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
			const canvas = Object.assign(document.createElement('canvas'), { width: picture.width, height: picture.height });
			const context = canvas.getContext('2d');
			context.drawImage(picture, 0, 0);
			return { width: picture.width, height: picture.height, pixels: [...context.getImageData(0, 0, picture.width, picture.height).data] };
		}, png.toString('base64'));
		return jsQR(Uint8ClampedArray.from(pixels), width, height)?.data;
	} finally {
		await page.context().close();
	}
}
