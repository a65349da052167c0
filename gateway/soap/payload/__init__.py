"""Services that take and give one string: the message inside it, and the operation it rides on."""
