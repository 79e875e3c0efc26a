"""Pages of a vacancy: municipality and readers, reservist, members of the defence, department."""
