import java.math.BigDecimal;
import java.util.Calendar;
import java.util.HashMap;
import java.util.Map;
import javax.xml.rpc.holders.IntHolder;
import javax.xml.rpc.holders.StringHolder;
import org.apache.axis.AxisFault;

/** The made-up pharmacy: a plain class with its beans, of which Axis makes a service and a WSDL. */
public class Pharmacy {
    /** Answers with what it was asked, one doctor for all that have the same code. */
    public Prescription[] arrange(
            String card, Prescription[] prescriptions, IntHolder count, StringHolder note) {
        Map<String, Doctor> doctors = new HashMap<>();
        for (Prescription each : prescriptions) {
            if (each.doctor != null) {
                doctors.putIfAbsent(each.doctor.code, each.doctor);
                each.doctor = doctors.get(each.doctor.code);
            }
        }
        count.value = prescriptions.length;
        note.value = card;
        return prescriptions;
    }

    /** One object twice in an array. */
    public Item[] twice(Item item) {
        return new Item[] {item, item};
    }

    /** What is not found is null, as in most such services, and no empty array. */
    public Prescription[] find(String card) throws Refused, AxisFault {
        if (card == null) {
            throw new AxisFault("Client.Card", "no card", "pharmacy", null);
        }
        if (card.isEmpty()) {
            Doctor doctor = new Doctor();
            doctor.name = "张三";
            throw new Refused("not here", doctor);
        }
        return null;
    }

    /** An array of arrays. */
    public int[][] shelves() {
        return new int[][] {{1}};
    }

    /** Whatever it may be. */
    public Object anything() {
        return null;
    }

    public static class Doctor {
        private String code;
        private String name;

        public String getCode() { return code; }
        public void setCode(String value) { code = value; }
        public String getName() { return name; }
        public void setName(String value) { name = value; }
    }

    public static class Item {
        private String name;
        private int amount;

        public String getName() { return name; }
        public void setName(String value) { name = value; }
        public int getAmount() { return amount; }
        public void setAmount(int value) { amount = value; }
    }

    public static class Herb extends Item {
        private String part;

        public String getPart() { return part; }
        public void setPart(String value) { part = value; }
    }

    public static class Prescription {
        private String number;
        private BigDecimal price;
        private Integer days;
        private Calendar written;
        private boolean paid;
        private byte[] seal;
        private Doctor doctor;
        private Item[] items;
        private String[] notes;

        public String getNumber() { return number; }
        public void setNumber(String value) { number = value; }
        public BigDecimal getPrice() { return price; }
        public void setPrice(BigDecimal value) { price = value; }
        public Integer getDays() { return days; }
        public void setDays(Integer value) { days = value; }
        public Calendar getWritten() { return written; }
        public void setWritten(Calendar value) { written = value; }
        public boolean isPaid() { return paid; }
        public void setPaid(boolean value) { paid = value; }
        public byte[] getSeal() { return seal; }
        public void setSeal(byte[] value) { seal = value; }
        public Doctor getDoctor() { return doctor; }
        public void setDoctor(Doctor value) { doctor = value; }
        public Item[] getItems() { return items; }
        public void setItems(Item[] value) { items = value; }
        public String[] getNotes() { return notes; }
        public void setNotes(String[] value) { notes = value; }
    }
}
