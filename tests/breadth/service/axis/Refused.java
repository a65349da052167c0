/** A fault whose detail is a bean. */
public class Refused extends Exception {
    private Pharmacy.Doctor by;

    public Refused() {}

    Refused(String message, Pharmacy.Doctor by) {
        super(message);
        this.by = by;
    }

    public Pharmacy.Doctor getBy() { return by; }
    public void setBy(Pharmacy.Doctor value) { by = value; }
}
