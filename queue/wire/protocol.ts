/** Version of what front and worker say to each other. Any change that the other side would not understand raises it. */
export const PROTOCOL = 1
