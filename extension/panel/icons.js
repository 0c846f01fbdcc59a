/** The panel's icons, each as the paths of its 16 × 16 box. */
export const CHECK = ["M3 8.5 6.5 12 13 4.5"];
export const COPY = ["M5.5 5.5h7v8h-7Z", "M10.5 3.5v-1h-7v8h1"];
export const GEAR = ["M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8Z", "M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1"];
export const MORE = ["M3.5 8h.01M8 8h.01M12.5 8h.01"];

const LINE_THROUGH = "M2.5 13.5 13.5 2.5";
const FIELDS = {
  work_email: ["M2 3.8h12v8.6H2Z", "m2.3 4.3 5.7 4.6 5.7-4.6"],
  personal_email: ["M10.5 8a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Zm0 0v.8a1.8 1.8 0 0 0 3.5 0V8a6 6 0 1 0-2.4 4.8"],
  work_phone: ["M3.2 2.2h2.3l1.1 2.9-1.5 1.1a8 8 0 0 0 4.7 4.7l1.1-1.5 2.9 1.1v2.3c0 .6-.4 1-1 1A10.6 10.6 0 0 1 2.2 3.2c0-.6.4-1 1-1Z"],
  mobile_phone: ["M5 1.8h6c.5 0 .8.3.8.8v10.8c0 .5-.3.8-.8.8H5c-.5 0-.8-.3-.8-.8V2.6c0-.5.3-.8.8-.8Z", "M7.2 11.9h1.6"],
};

/** The paths of a field's icon; with a line through it where the field does not exist. */
export const fieldPaths = (field, exists) => (exists ? FIELDS[field] : [...FIELDS[field], LINE_THROUGH]);
